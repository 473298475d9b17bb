"""Statements that write many rows: SQLAlchemy words them, once, and the driver runs them.

Asking SQLAlchemy each time costs several times what SQLite needs for a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, insert
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect(paramstyle="named")


class Prepared:
    """A statement with named parameters. Raises the driver's own errors."""

    def __init__(self, statement: Insert | Update, columns: Iterable[str] | None = None) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=None if columns is None else list(columns))
        self._sql = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Once for each row."""
        if rows:
            given = [{**self._fixed, **row} for row in rows] if self._fixed else rows
            connection.connection.cursor().executemany(self._sql, given)


def inserting(table: Table, columns: Iterable[str]) -> Prepared:
    """The statement that adds rows with these columns."""
    return Prepared(insert(table), columns)
