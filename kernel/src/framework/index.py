"""The index of installed plugins: what scanning the environment found, kept in the user's cache folder.

It is a convenience: unreadable, stale, corrupt, somebody else's or impossible to write, it is made again in memory and
nobody hears of it. It holds for exactly the folders on `sys.path`, their times, and the times and sizes of every
manifest and `entry_points.txt`. The file has two lines: a checksum, and JSON.
"""

from __future__ import annotations

import os
import sys
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = 1
SETTLED = 2.0
"""Seconds that folders and files must have rested: an installer may still be writing, without changing a folder."""


class Index:
    """``points``: one table for each entry point of the group ``fw.plugins``; ``core``: the version of fw-core."""

    __slots__ = ("core", "points")

    def __init__(self, points: list[dict[str, Any]], core: str) -> None:
        self.points = points
        self.core = core


def places() -> list[str]:
    """The folders of ``sys.path`` that can hold installed plugins.

    Without what stands first for the sake of the program: its own folder, the current folder. Their times change with
    every file that a program writes.
    """
    try:
        here = os.getcwd()
    except OSError:  # somebody removed it
        here = ""
    own = {"", here, os.path.dirname(os.path.abspath(sys.argv[0] if sys.argv else ""))}
    rest = list(sys.path)
    while rest and rest[0] in own:
        own.remove(rest.pop(0))
    return list(dict.fromkeys(rest))


def read() -> Index:
    """The index, from its file if that holds for this environment, else made anew."""
    folders = places()
    return _kept(_file(folders), folders) or refresh(only_settled=True)


def refresh(*, only_settled: bool = False) -> Index:
    """Scan the environment and try to keep what was found, ``only_settled``: if nobody is installing just now."""
    from framework.scan import scan

    folders = places()
    before = [_stamp(folder) for folder in folders]
    points, core, files = scan(folders)
    stamps = [_stamp(file) for file in files]
    if not only_settled or _settled([*before, *stamps]):
        from json import dumps

        from framework.scan import keep

        content = dumps([FORMAT, core, before, stamps, points]).encode("utf-8", "surrogatepass")
        keep(_file(folders), b"%08x\n%b" % (crc32(content), content))
    return Index(points, core)


def state() -> tuple[str, bool]:
    """The file of this environment's index, and whether it holds."""
    folders = places()
    return _file(folders), _kept(_file(folders), folders) is not None


def _stamp(path: str) -> list[Any]:
    """Path, mtime in ns, size; the last two None where there is nothing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return [path, None, None]
    return [path, found.st_mtime_ns, found.st_size]


def _settled(stamps: list[list[Any]]) -> bool:
    from time import time

    now = time()
    return not any(time_ns is not None and 0 <= now - time_ns / 1e9 < SETTLED for _, time_ns, _ in stamps)


def _file(folders: list[str]) -> str:
    """Where the index of these folders is kept: one file for each environment, told apart by a checksum."""
    key = "\n".join([sys.version, *folders]).encode("utf-8", "surrogateescape")
    return os.path.join(cache_folder(), f"plugins-{crc32(key):08x}.json")


def cache_folder() -> str:
    """The user's folder for what can be made again."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "fw")


def _kept(file: str, folders: list[str]) -> Index | None:
    from json import loads

    try:
        with open(file, "rb") as stream:
            if hasattr(os, "geteuid") and os.fstat(stream.fileno()).st_uid != os.geteuid():
                return None  # another user could name any module to be imported
            checksum, content = stream.readline(), stream.read()
        if int(checksum, 16) != crc32(content):
            return None
        number, core, places_then, files, points = loads(content)
        current = (
            number == FORMAT
            and [stamp[0] for stamp in places_then] == folders
            and all(stamp == _stamp(stamp[0]) for stamp in (*places_then, *files))
        )
        return Index(points, core) if current else None
    except (OSError, ValueError, TypeError):
        return None
