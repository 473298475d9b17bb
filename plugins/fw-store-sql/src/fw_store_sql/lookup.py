"""Rows by many ids, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam

# Well below the number of parameters that every build of SQLite takes.
_CHUNK = 500


def among(column: Column[Any]) -> Any:
    """The condition that a column is one of the ids given to :func:`rows`."""
    return column.in_(bindparam("ids", expanding=True))


def rows(connection: Connection, statement: Select[Any], ids: Iterable[str], **values: Any) -> Iterator[Row[Any]]:
    """The rows of a statement with an :func:`among` condition, in no particular order."""
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield from connection.execute(statement, {"ids": wanted[start : start + _CHUNK], **values})
