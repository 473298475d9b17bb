"""`SqliteTodos`: todos in an SQLite file."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from todo_service.application.repository import TodoRepository
from todo_service.domain.errors import TodoNotFound
from todo_service.domain.todo import Todo

T = TypeVar("T")

SCHEMA = """\
CREATE TABLE IF NOT EXISTS todos (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    title  TEXT    NOT NULL,
    done   INTEGER NOT NULL DEFAULT 0
)
"""
LARGEST = 2**63 - 1
"""The largest number that SQLite knows."""


class DatabaseUnusable(Exception):
    """The file cannot be opened or is no database of this service."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        super().__init__(f"The database {file} cannot be used: {reason}. Name another one in [todos] file.")


class SqliteTodos(TodoRepository):
    """One connection in a thread of its own, which takes one call after the other; the event loop never waits for it.

    A call that is cancelled is still done to its end, and ``stop`` comes after it. Several processes may share a file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    async def start(self) -> None:
        """Open the file, and make what is missing. Raises :class:`DatabaseUnusable`."""
        self._thread = ThreadPoolExecutor(1, "todos")
        try:
            self._connection = await self._run(self._open)
        except sqlite3.Error as error:
            self._thread.shutdown()
            raise DatabaseUnusable(self._file, str(error)) from error
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    async def stop(self) -> None:
        """Close it, after what was asked before."""
        try:
            await self._run(self._connection.close)
        finally:
            self._thread.shutdown(wait=False)

    async def health(self) -> str | None:
        """Whether the todos can be read."""
        try:
            await self._run(lambda: self._connection.execute("SELECT 1 FROM todos LIMIT 1").fetchall())
        except sqlite3.Error as error:
            return f"{self._file}: {error}"
        return None

    async def add(self, title: str) -> Todo:
        """See the port."""

        def add() -> Todo:
            with self._transaction():
                row = self._connection.execute("INSERT INTO todos (title) VALUES (?) RETURNING *", (title,)).fetchone()
                return _todo(row)

        return await self._run(add)

    async def get(self, number: int) -> Todo:
        """See the port."""
        return await self._run(lambda: self._get(number))

    async def list(self) -> list[Todo]:
        """See the port."""
        found = await self._run(lambda: self._connection.execute("SELECT * FROM todos ORDER BY number").fetchall())
        return [_todo(row) for row in found]

    async def update(self, number: int, change: Callable[[Todo], Todo]) -> Todo:
        """See the port."""

        def update() -> Todo:
            with self._transaction():
                todo = change(self._get(number))
                values = (todo.title, todo.done, number)
                self._connection.execute("UPDATE todos SET title = ?, done = ? WHERE number = ?", values)
                return todo

        return await self._run(update)

    async def remove(self, number: int) -> None:
        """See the port."""

        def remove() -> None:
            with self._transaction():
                self._get(number)
                self._connection.execute("DELETE FROM todos WHERE number = ?", (number,))

        await self._run(remove)

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None)
        try:
            connection.execute(SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Holds the file against other writers; what raises undoes it."""
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def _get(self, number: int) -> Todo:
        known = abs(number) <= LARGEST
        row = self._connection.execute("SELECT * FROM todos WHERE number = ?", (number,)).fetchone() if known else None
        if row is None:
            raise TodoNotFound(number)
        return _todo(row)


def _todo(row: tuple[int, str, int]) -> Todo:
    number, title, done = row
    return Todo(number, title, bool(done))
