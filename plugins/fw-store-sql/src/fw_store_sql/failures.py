"""What SQLite's refusals mean for the reader."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from fw_orchestrator.store import StoreError

# By the start of the name of SQLite's result code.
_MEANINGS = {
    "SQLITE_BUSY": (
        "is locked by another process",
        "Find the program that keeps it open in a transaction (a backup, a database browser), or raise busy_timeout.",
    ),
    "SQLITE_NOTADB": ("is not an SQLite database", "Name another file in [store-sql] url, or move this one away."),
    "SQLITE_CORRUPT": ("is damaged", "Restore it from a backup, or recover it with the sqlite3 tool's .recover."),
    "SQLITE_READONLY": ("cannot be written", "Make the file and its folder writable by the user this process runs as."),
    "SQLITE_CANTOPEN": ("cannot be opened", "Make the file and its folder readable and writable by this user."),
    "SQLITE_FULL": ("has no room left on its disk", "Free some space; nothing of the refused change was written."),
    "SQLITE_IOERR": (
        "cannot be read or written",
        "Look whether the disk is full or damaged; the system's log may say more.",
    ),
}


def explained(path: Path, cause: BaseException | None) -> StoreError:
    """The :class:`StoreError` for an exception of the driver, naming the file and the remedy."""
    code = cause.sqlite_errorname if isinstance(cause, sqlite3.Error) and hasattr(cause, "sqlite_errorname") else ""
    for start, (meaning, remedy) in _MEANINGS.items():
        if code.startswith(start):
            return StoreError(f"The job store {path} {meaning} ({cause}).", remedy=remedy)
    return StoreError(f"The job store {path} refused: {cause}.", remedy="Nothing of the refused change was written.")


def is_locked(error: Exception) -> bool:
    """Whether a refusal means that another process has kept its lock for longer than was waited."""
    return bool(getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY)
