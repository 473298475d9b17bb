"""`SqliteNotes`: notes in an SQLite file."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from {{ cookiecutter.package }}.application.repository import NoteRepository
from {{ cookiecutter.package }}.domain.errors import NoteNotFound
from {{ cookiecutter.package }}.domain.note import Note

T = TypeVar("T")

SCHEMA = """\
CREATE TABLE IF NOT EXISTS notes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    text   TEXT    NOT NULL
)
"""
LARGEST = 2**63 - 1
"""The largest number that SQLite knows."""


class DatabaseUnusable(Exception):  # noqa: N818 - says the fact
    """The file cannot be opened or is no database of this service."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        super().__init__(f"The database {file} cannot be used: {reason}. Name another one in [storage] file.")


class SqliteNotes(NoteRepository):
    """One connection in a thread of its own, which takes one call after the other; the event loop never waits for it.

    A call that is cancelled is still done to its end, and ``stop`` comes after it. Several processes may share a file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    async def start(self) -> None:
        """Open the file, and make what is missing. Raises :class:`DatabaseUnusable`."""
        self._thread = ThreadPoolExecutor(1, "notes")
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
        """Whether the notes can be read."""
        try:
            await self._run(lambda: self._connection.execute("SELECT 1 FROM notes LIMIT 1").fetchall())
        except sqlite3.Error as error:
            return f"{self._file}: {error}"
        return None

    async def add(self, text: str) -> Note:
        """See the port."""

        def add() -> Note:
            with self._transaction():
                row = self._connection.execute("INSERT INTO notes (text) VALUES (?) RETURNING *", (text,)).fetchone()
                return Note(*row)

        return await self._run(add)

    async def get(self, number: int) -> Note:
        """See the port."""
        return await self._run(lambda: self._get(number))

    async def list(self) -> list[Note]:
        """See the port."""
        found = await self._run(lambda: self._connection.execute("SELECT * FROM notes ORDER BY number").fetchall())
        return [Note(*row) for row in found]

    async def update(self, number: int, change: Callable[[Note], Note]) -> Note:
        """See the port."""

        def update() -> Note:
            with self._transaction():
                note = change(self._get(number))
                self._connection.execute("UPDATE notes SET text = ? WHERE number = ?", (note.text, number))
                return note

        return await self._run(update)

    async def remove(self, number: int) -> None:
        """See the port."""

        def remove() -> None:
            with self._transaction():
                self._get(number)
                self._connection.execute("DELETE FROM notes WHERE number = ?", (number,))

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

    def _get(self, number: int) -> Note:
        known = abs(number) <= LARGEST
        row = self._connection.execute("SELECT * FROM notes WHERE number = ?", (number,)).fetchone() if known else None
        if row is None:
            raise NoteNotFound(number)
        return Note(*row)
