"""Statements that write and read many rows at once, spoken to the driver.

Asking SQLAlchemy each time costs several times what SQLite needs for a row. And the driver lets go of the interpreter
at every step of a statement, so that a row by itself may wait for whatever else runs: a statement takes as many as it
can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

T = TypeVar("T")

Values = tuple[Any, ...]
"""The values of a row, in the order of the statement's columns."""

_SIZES = (128, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1)
"""How many rows a statement takes. Few sizes: the driver keeps :data:`PREPARED` statements that it has seen."""

PREPARED = 512


class Insertion:
    """Adds rows with these columns to a table. Raises the driver's own errors."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        names = ", ".join(f'"{table.c[name].name}"' for name in columns)
        self._head = f'INSERT INTO "{table.name}" ({names}) VALUES '  # noqa: S608 - names of our own tables
        self._row = marks(len(columns))
        self._sql = {size: self._head + ", ".join([self._row] * size) for size in _SIZES}

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Once for each row."""
        if rows:
            execute = connection.connection.cursor().execute
            for part in parts(rows):
                execute(self._sql[len(part)], tuple(chain.from_iterable(part)))


class Change:
    """Changes the rows that ``condition`` admits and that ``given`` values, one row for each, name.

    ``setting`` and ``condition`` call them ``given.name``. Raises the driver's own errors.
    """

    def __init__(self, table: str, given: Sequence[str], setting: str, condition: str) -> None:
        self._table, self._given, self._setting, self._condition = table, given, setting, condition

    @cached_property
    def _sql(self) -> dict[int, str]:
        return {
            size: f"WITH given ({', '.join(self._given)}) AS (VALUES {', '.join([marks(len(self._given))] * size)}) "  # noqa: S608 - names of our own
            f"UPDATE {self._table} SET {self._setting} FROM given WHERE {self._condition} RETURNING {self._table}.id"
            for size in _SIZES
        }

    def run(self, connection: Connection, rows: Sequence[Values]) -> set[str]:
        """Once for each row; the ids of the rows that were changed."""
        changed: set[str] = set()
        if rows:
            execute = connection.connection.cursor().execute
            for part in parts(rows):
                found = execute(self._sql[len(part)], tuple(chain.from_iterable(part)))
                changed.update(chain.from_iterable(found.fetchall()))
        return changed


class Lookup:
    """Finds the rows of a table by their ids: these columns of it, in no particular order."""

    def __init__(self, table: str, names: Sequence[str]) -> None:
        self._head = f"SELECT {', '.join(names)} FROM {table} WHERE id IN "  # noqa: S608 - names of our own

    @cached_property
    def _sql(self) -> dict[int, str]:
        return {size: self._head + marks(size) for size in _SIZES}

    def run(self, connection: Connection, ids: Iterable[str]) -> Iterator[Values]:
        """Each row once, whatever is asked for twice."""
        for part in parts(list(dict.fromkeys(ids))):
            yield from fetched(connection, self._sql[len(part)], tuple(part))


def columns(table: Table) -> str:
    """All columns of a table, in its order."""
    return ", ".join(f'{table.name}."{column.name}"' for column in table.c)


def fetched(connection: Connection, sql: str, values: Values) -> list[Values]:
    """The rows that a statement gives."""
    return connection.connection.cursor().execute(sql, values).fetchall()  # type: ignore[no-any-return]


def marks(number: int) -> str:
    """A place for each of the values of a row."""
    return f"({', '.join('?' * number)})"


def parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows, in order, in parts of the sizes that statements have."""
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size
