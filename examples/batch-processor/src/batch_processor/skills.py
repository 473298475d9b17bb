"""The work: plain functions with types. They know nothing of jobs, queues or HTTP."""

import codecs
import errno
import hashlib
import mimetypes
import os
import stat
from pathlib import Path
from typing import Any

from fw_worker import TaskContext, TaskFailed

CHUNK = 1024 * 1024
SKIPPED = frozenset({"__pycache__", "node_modules"})
"""Folders that hold copies of other things; those whose name begins with a dot are skipped too."""

TRY_AGAIN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT})


def list_folder(folder: str) -> dict[str, Any]:
    """The files under a folder: ``{"files": [relative paths], "unreadable": [{"path", "reason"}]}``."""
    root = Path(folder)
    if not root.is_dir():
        raise TaskFailed("INVALID_INPUT_ERROR", f"{folder} is not a folder that this worker can see.")
    files: list[str] = []
    unreadable: list[dict[str, str]] = []

    def report(error: OSError) -> None:
        where = os.path.relpath(error.filename, root) if error.filename else folder
        unreadable.append({"path": _printable(where), "reason": error.strerror or str(error)})

    for place, folders, names in os.walk(root, onerror=report):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        for name in sorted(names):
            path = os.path.relpath(Path(place, name), root)
            if _printable(path) == path:
                files.append(path)
            else:
                unreadable.append({"path": _printable(path), "reason": "its name is not valid UTF-8"})
    return {"files": files, "unreadable": unreadable}


def _printable(path: str) -> str:
    """The path as text that every terminal and every JSON reader takes."""
    return path.encode("utf-8", "backslashreplace").decode()


def inspect_file(folder: str, path: str, context: TaskContext) -> dict[str, Any]:
    """Type, size in bytes and SHA-256 of one file.

    Words if it is text, width and height in pixels if it is an image.
    """
    full = Path(folder, path)
    try:
        found = full.stat()
        if not stat.S_ISREG(found.st_mode):
            raise TaskFailed("PERMANENT_ERROR", "It is not a regular file (a pipe, socket or device).")
        kind = mimetypes.guess_type(full.name)[0] or "application/octet-stream"
        facts = _read(full, context)
        if kind.startswith("image/"):
            facts |= _image_size(full)
    except OSError as error:
        code = "TRANSIENT_ERROR" if error.errno in TRY_AGAIN else "PERMANENT_ERROR"
        raise TaskFailed(code, error.strerror or str(error)) from error
    return {"path": path, "type": kind, **facts}


def _read(full: Path, context: TaskContext) -> dict[str, Any]:
    """Size, hash and, if it is text, words; the file is read once, a chunk at a time."""
    digest, size, words = hashlib.sha256(), 0, WordCount()
    with full.open("rb") as file:
        while chunk := file.read(CHUNK):
            if context.cancelled.is_set():
                raise TaskFailed("TRANSIENT_ERROR", "It was asked to stop.")
            digest.update(chunk)
            size += len(chunk)
            words.add(chunk)
    words.add(b"", final=True)
    counted = {} if words.count is None else {"words": words.count}
    return {"size": size, "sha256": digest.hexdigest(), **counted}


class WordCount:
    """Counts the words of UTF-8 text that comes in chunks; ``count`` is None once it turns out not to be text."""

    def __init__(self) -> None:
        self.count: int | None = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._in_word = False

    def add(self, chunk: bytes, *, final: bool = False) -> None:
        """Take the next chunk."""
        if self.count is None:
            return
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.count = None
            return
        if "\0" in text:
            self.count = None
        elif text:
            self.count += len(text.split()) - (self._in_word and not text[0].isspace())
            self._in_word = not text[-1].isspace()


def _image_size(full: Path) -> dict[str, int]:
    """Nothing for what cannot be told to be an image. Raises :class:`OSError` if the file itself cannot be read."""
    from PIL import Image

    try:
        with Image.open(full) as image:
            return {"width": image.width, "height": image.height}
    except OSError as error:
        # An error of the system has a number; one of a decoder that stumbles over a damaged image has none.
        if error.errno is not None:
            raise
        return {}
    except Exception:  # noqa: BLE001 - decoders raise whatever comes of a damaged image; type, size and hash still count
        return {}
