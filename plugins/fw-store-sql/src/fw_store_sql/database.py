"""One SQLite file, one connection, one thread: calls run whole, one after the other, off the loop.

What is waiting when the thread is free shares one transaction, and so one write to the disk.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from fw_orchestrator.store import StoreError
from fw_store_sql import schema
from fw_store_sql.calls import Call, Many, all_answers
from fw_store_sql.driver import PREPARED
from fw_store_sql.failures import explained, is_locked
from fw_store_sql.lane import Lane
from fw_store_sql.location import Identity, check_in_place, create_file, identity

log = logging.getLogger("fw_store_sql")

A = TypeVar("A")
T = TypeVar("T")
Work = Callable[[Connection], T]

OLDEST_SQLITE = (3, 35)
"""The first that tells which rows an update has changed."""

QUIET = 8
"""So many turns of the loop without a new call end the wait for company."""

TURNS = 40
"""Nor does it last longer than this."""

MOST_AT_ONCE = 500
"""So many calls share a transaction; another process waits no longer than they take."""


def one_by_one(connection: Connection, works: Sequence[Work[Any]]) -> list[Any]:
    """What each returns."""
    return [work(connection) for work in works]


class Database:
    """Runs functions of a connection. Each is whole or not at all, and durable when it has returned.

    Work that has begun in the thread ends there, even if its caller is cancelled meanwhile. One that fails is undone
    without the others: they are run again, so functions change nothing but the database.
    """

    def __init__(self, path: Path, *, busy_timeout: float) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._lane: Lane | None = None
        self._connection: Connection | None = None
        self._identity: Identity | None = None
        self._waiting: deque[Call] = deque()
        self._busy = False

    async def open(self) -> None:
        """Open the file, creating it if need be. Raises :class:`StoreError`."""
        if self._lane:
            return
        self._lane = Lane(f"fw-store-sql {self.path.name}")
        try:
            await self._lane.do(self._connect)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the file when the work in hand is done."""
        while self._lane is not None and self._waiting:
            self._send()
        lane, self._lane = self._lane, None
        if lane is None:
            return
        try:
            await lane.do(self._disconnect)
        finally:
            lane.end()

    async def foreign_writes(self) -> int:
        """A number that changes when another connection has written to the file."""
        return await self.read(lambda connection: int(connection.exec_driver_sql("PRAGMA data_version").scalar_one()))

    def read(self, work: Work[T]) -> Awaitable[T]:
        """What ``work`` returns, seen at one moment."""
        return self._answer(one_by_one, work, writes=False)

    def write(self, work: Work[T]) -> Awaitable[T]:
        """What ``work`` returns; its changes are durable. No other process writes meanwhile."""
        return self._answer(one_by_one, work, writes=True)

    def write_together(self, many: Callable[[Connection, Sequence[A]], Sequence[T]], argument: A) -> Awaitable[T]:
        """The same for one of several arguments: ``many`` gets those of all calls that wait for it side by side."""
        return self._answer(many, argument, writes=True)

    def _answer(self, many: Many, argument: Any, *, writes: bool) -> Awaitable[Any]:
        if self._lane is None:
            raise StoreError(f"The job store {self.path} is not open.", remedy="Await its open() first.")
        loop = asyncio.get_running_loop()
        call = Call(many, argument, loop.create_future(), writes=writes)
        self._waiting.append(call)
        if not self._busy:
            self._busy = True
            # Whoever else has something by the end of this turn of the loop comes along.
            loop.call_soon(self._send)
        return call.answer

    def _send(self) -> None:
        """Give what waits to the thread."""
        calls: list[Call] = []
        while self._waiting and len(calls) < MOST_AT_ONCE:
            call = self._waiting.popleft()
            if not call.answer.cancelled():
                calls.append(call)
        if self._lane is None or not calls:
            self._busy = False
            return
        self._lane.give(partial(self._work_off, calls), partial(self._answered, calls))

    def _answered(self, calls: list[Call], failure: BaseException | None) -> None:
        for call in calls:
            call.error = call.error or failure
            call.tell()
        # Where one call comes alone, it need not wait for company.
        if len(calls) > 1 or self._waiting:
            self._send_later(len(self._waiting), QUIET, TURNS)
        else:
            self._busy = False

    def _send_later(self, seen: int, quiet: int, turns: int) -> None:
        """Send what waits once nothing has been added to it for some turns of the loop.

        Whoever was answered may have something to add, which then costs no commit of its own.
        """
        waiting = len(self._waiting)
        quiet = QUIET if waiting > seen else quiet - 1
        if turns and quiet:
            asyncio.get_running_loop().call_soon(self._send_later, waiting, quiet, turns - 1)
        else:
            self._send()

    def _work_off(self, calls: list[Call]) -> None:
        """Run calls in one transaction; if one fails, each in its own."""
        locked: Exception | None = None
        if len(calls) > 1:
            try:
                self._together(calls)
            except Exception as error:  # noqa: BLE001 - whose it is shows when they are run one by one
                log.debug("a batch of %d calls is run one by one, because one of them failed", len(calls))
                locked = error if is_locked(error) else None
            else:
                return
        for call in calls:
            if locked and call.writes:
                call.error = locked  # all have waited, each for as long as it may
                continue
            begin = "BEGIN IMMEDIATE" if call.writes else "BEGIN"
            try:
                call.result = self._transaction(begin, call.alone)
            except BaseException as error:  # noqa: BLE001 - it is the caller's, who gets it in the loop
                call.error = error

    def _together(self, calls: list[Call]) -> None:
        begin = "BEGIN IMMEDIATE" if any(call.writes for call in calls) else "BEGIN"
        for call, result in zip(
            calls, self._transaction(begin, lambda connection: all_answers(connection, calls)), strict=True
        ):
            call.result = result

    def _transaction(self, begin: str, work: Work[T]) -> T:
        connection = self._connection
        if connection is None:
            raise StoreError(f"The job store {self.path} is not open.", remedy="Await its open() first.")
        try:
            # SQLAlchemy's own transactions take longer than many a statement.
            with _begun(connection.connection.cursor(), begin):
                if begin != "BEGIN":
                    check_in_place(self.path, self._identity)
                return work(connection)
        except DBAPIError as error:
            raise explained(self.path, error.orig) from error
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise explained(self.path, error) from error

    def _connect(self) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                f"The job store {self.path} needs SQLite 3.35 or newer; Python has {sqlite3.sqlite_version}.",
                remedy="Use a Python that was built with a newer one.",
            )
        create_file(self.path)
        self._identity = identity(self.path)
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            poolclass=NullPool,
            connect_args={"cached_statements": PREPARED},
        )
        # The driver would begin transactions when it sees fit, and SQLAlchemy has it do so.
        event.listen(engine, "connect", lambda dbapi, _record: setattr(dbapi, "isolation_level", None))
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
                if not is_locked(error) or time.monotonic() >= deadline:
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


@contextmanager
def _begun(cursor: Any, begin: str) -> Iterator[None]:
    """A transaction, undone if what is done in it fails, or its end does."""
    cursor.execute(begin)
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        if cursor.connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise
