"""Where the data lie: a database URL, checked."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from fw_orchestrator.store import StoreError

Identity = tuple[int, int]
"""Which file it is, whatever it is called."""

_FORM = "Write sqlite:///jobs.db for a file in the current folder, sqlite:////var/lib/app/jobs.db for an absolute path."


def database_path(url: str) -> Path:
    """The absolute path that a ``sqlite:///`` URL names. Raises :class:`StoreError` for anything else."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"The job store's URL is not a database URL: {url!r}.", remedy=_FORM) from error
    shown = parts.render_as_string(hide_password=True)
    if parts.drivername != "sqlite":
        raise StoreError(
            f"The job store's URL {shown!r} names {parts.drivername!r}; this version supports sqlite only.",
            remedy=_FORM,
        )
    if parts.query or parts.host:
        raise StoreError(
            f"The job store's URL {shown!r} has a host or parameters, which SQLite does not take.", remedy=_FORM
        )
    if not parts.database or parts.database == ":memory:":
        raise StoreError(
            f"The job store's URL {shown!r} names no file.",
            remedy=f"{_FORM} To keep jobs in memory only, use fw_orchestrator.memory.MemoryStorage.",
        )
    return Path(parts.database).absolute()


def create_file(path: Path) -> None:
    """Create an empty file that only its owner may read, unless there is one. Raises :class:`StoreError`."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except FileNotFoundError as error:
        raise StoreError(
            f"The job store {path} cannot be created: its folder does not exist.",
            remedy=f"Create the folder {path.parent}, or name another file in [store-sql] url.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"The job store {path} cannot be opened for writing: {error.strerror}.",
            remedy="It must be a regular file that, like its folder, the user of this process may write.",
        ) from error


def identity(path: Path) -> Identity | None:
    """Which file lies there; None if there is none, or nobody can tell."""
    try:
        found = os.stat(path)  # noqa: PTH116 - Path.stat takes twice as long, and this is done for every write
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_in_place(path: Path, wanted: Identity | None) -> None:
    """Raises :class:`StoreError` if another file, or none, lies where the open one did."""
    found = identity(path)
    if found != wanted:
        raise StoreError(
            f"The job store {path} was {'replaced' if found else 'deleted or moved'} while it was open; "
            "nothing more is written.",
            remedy="Put it back, with the file beside it that ends in -wal, or begin with a new one; then restart.",
        )
