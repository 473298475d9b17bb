"""`Upload`: a file that a client sent, and the name it may have."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import Any

CHUNK = 64 * 1024
_LONGEST = 200


class Upload:
    """A file of a form. It lives as long as the request; small ones are kept in memory, others on disk.

    ``filename`` is safe: no folders, no control characters, no leading dot; ``content_type`` is what the client says,
    and may be a lie. ``size`` in bytes.
    """

    def __init__(self, filename: str, content_type: str, file: SpooledTemporaryFile[bytes], size: int) -> None:
        self.filename = filename
        self.content_type = content_type
        self.size = size
        self._file = file

    async def read(self) -> bytes:
        """All of it."""
        return await asyncio.to_thread(self._all)

    def _all(self) -> bytes:
        self._file.seek(0)
        return self._file.read()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Piece by piece, 64 KiB each."""
        at = 0
        while chunk := await asyncio.to_thread(self._part, at):
            at += len(chunk)
            yield chunk

    def _part(self, start: int) -> bytes:
        self._file.seek(start)
        return self._file.read(CHUNK)

    async def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to ``path``: whole, or not at all. What was there is replaced."""
        await asyncio.to_thread(self._save, Path(path))

    def _save(self, path: Path) -> None:
        with NamedTemporaryFile(dir=path.parent, prefix=".upload-", delete=False) as target:
            try:
                self._file.seek(0)
                shutil.copyfileobj(self._file, target, CHUNK)
                target.flush()
                os.fsync(target.fileno())
                Path(target.name).replace(path)
            except BaseException:
                Path(target.name).unlink(missing_ok=True)
                raise

    def close(self) -> None:
        """Forget it; the server does so after the request."""
        self._file.close()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """An upload stands for itself; in OpenAPI it is binary."""
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """How OpenAPI writes a file."""
        return {"type": "string", "format": "binary"}


def safe_name(given: str) -> str:
    """The last part of a path that a client sent, fit to be a file's name; ``file`` where nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*')
    name = name.strip(" .")
    while len(name.encode("utf-8", "replace")) > _LONGEST:
        stem, dot, ending = name.rpartition(".")
        name = stem[:-1] + dot + ending if dot and len(ending) < 20 and stem else name[:-1]
    return name or "file"
