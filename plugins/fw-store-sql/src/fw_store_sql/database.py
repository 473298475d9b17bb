"""One SQLite file, one connection, one thread: calls run whole, one after the other, off the loop."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from fw_orchestrator.store import StoreError
from fw_store_sql import schema
from fw_store_sql.failures import explained
from fw_store_sql.location import create_file

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database:
    """Runs functions of a connection, each in a transaction of its own.

    Work that has begun in the thread ends there, whole or not at all, even if its caller is cancelled meanwhile.
    """

    def __init__(self, path: Path, *, busy_timeout: float) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._thread: ThreadPoolExecutor | None = None
        self._connection: Connection | None = None
        self._begin = "BEGIN"

    async def open(self) -> None:
        """Open the file, creating it if need be. Raises :class:`StoreError`."""
        if self._thread:
            return
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"fw-store-sql {self.path.name}")
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connect)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the file when the work in hand is done."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        closing = asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
        thread.shutdown(wait=False)
        await asyncio.shield(closing)

    async def read(self, work: Work[T]) -> T:
        """What ``work`` returns, seen at one moment."""
        return await self._run("BEGIN", work)

    async def write(self, work: Work[T]) -> T:
        """What ``work`` returns; its changes are durable. No other process writes meanwhile."""
        return await self._run("BEGIN IMMEDIATE", work)

    async def _run(self, begin: str, work: Work[T]) -> T:
        if self._thread is None:
            raise StoreError(f"The job store {self.path} is not open.", remedy="Await its open() first.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, begin, work)

    def _transaction(self, begin: str, work: Work[T]) -> T:
        connection = self._connection
        if connection is None:
            raise StoreError(f"The job store {self.path} is not open.", remedy="Await its open() first.")
        self._begin = begin
        try:
            with connection.begin():
                return work(connection)
        except DBAPIError as error:
            raise explained(self.path, error.orig) from error
        except (OverflowError, UnicodeEncodeError) as error:
            raise explained(self.path, error) from error

    def _connect(self) -> None:
        create_file(self.path)
        engine = create_engine(URL.create("sqlite", database=str(self.path)), poolclass=NullPool)
        # The driver would begin transactions when it sees fit; SQLAlchemy's events take that over from it.
        event.listen(engine, "connect", lambda dbapi, _record: setattr(dbapi, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(self._begin))
        try:
            self._connection = engine.connect()
        except DBAPIError as error:
            raise explained(self.path, error.orig) from error
        self._pragma(f"busy_timeout = {round(self._busy_timeout * 1000)}")
        self._transaction("BEGIN", lambda connection: schema.is_empty(connection, self.path))
        self._configure()
        self._transaction("BEGIN IMMEDIATE", self._create_if_empty)

    def _create_if_empty(self, connection: Connection) -> None:
        if schema.is_empty(connection, self.path):
            schema.create(connection)

    def _configure(self) -> None:
        mode = self._write_ahead()
        if mode != "wal":
            raise StoreError(
                f"The job store {self.path} cannot use a write-ahead log (journal mode {mode!r}).",
                remedy="Put the file on a local disk: network file systems lack what SQLite needs.",
            )
        self._pragma("synchronous = FULL")
        self._pragma("foreign_keys = ON")

    def _write_ahead(self) -> object:
        """Switch to the write-ahead log; the mode that results."""
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                return self._pragma("journal_mode = WAL")
            except StoreError as error:
                busy = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() >= deadline:
                    raise
            # Two processes that create one file can meet here, and for this pragma SQLite itself does not wait.
            time.sleep(0.005)

    def _pragma(self, text: str) -> object:
        """Set a pragma outside of transactions, where alone SQLite accepts these; what it answers."""
        if self._connection is None:
            return None
        try:
            with closing(self._connection.connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA {text}")
                row = cursor.fetchone()
        except sqlite3.Error as error:
            raise explained(self.path, error) from error
        return row[0] if row else None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
            connection.engine.dispose()
