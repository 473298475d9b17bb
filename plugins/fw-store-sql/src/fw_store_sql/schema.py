"""Whose file it is: the version row, checked before anything is written."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select

from fw_orchestrator.store import StoreError
from fw_store_sql.tables import SCHEMA_VERSION, metadata, schema


def is_empty(connection: Connection, path: Path) -> bool:
    """Whether the database holds nothing yet. Raises :class:`StoreError` unless what it holds is ours."""
    names = inspect(connection).get_table_names()
    if not names:
        return True
    if schema.name not in names:
        raise StoreError(
            f"{path} is not a job store: it holds the tables of something else ({', '.join(names[:5])}).",
            remedy="Name a file of its own for the job store in [store-sql] url.",
        )
    versions = connection.scalars(select(schema.c.version)).all()
    if list(versions) == [SCHEMA_VERSION]:
        return False
    raise _foreign(versions[0] if len(versions) == 1 else None, path)


def _foreign(version: object, path: Path) -> StoreError:
    """What to do about a file of another version; None if it has not one."""
    if not isinstance(version, int) or version < 1:
        return StoreError(
            f"The job store {path} has no version of a schema: found {version!r}, and this program knows "
            f"{SCHEMA_VERSION}. It is damaged.",
            remedy="Restore the file from a backup, or name another one in [store-sql] url.",
        )
    words = f"The job store {path} has schema version {version}; this program knows {SCHEMA_VERSION}."
    if version > SCHEMA_VERSION:
        return StoreError(words, remedy="Upgrade fw-store-sql: the file was written by a newer version of it.")
    return StoreError(
        words,
        remedy="The file was written by an older fw-store-sql. Let the program that wrote it end its jobs, and name "
        "another file in [store-sql] url; nothing was changed.",
    )


def create(connection: Connection) -> None:
    """Create all tables in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema).values(version=SCHEMA_VERSION))
