"""How the file is used: settings, indexes, thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, text

from fw_orchestrator.model import Claim, FinishAnswer
from fw_orchestrator.store import StoreError
from fw_orchestrator.store_contract.records import (
    a_finish,
    a_job,
    a_task,
    a_transition,
    an_entry,
    claim,
    dispatched,
    end,
    take,
)
from fw_store_sql import SQLStorage
from fw_store_sql.database import MOST_AT_ONCE, Database


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLStorage]:
    opened = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "jobs.db", busy_timeout=1.5)
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    "pragma, value", [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 1500)]
)
async def test_the_connection_is_set_for_safety(database: Database, pragma: str, value: object) -> None:
    def read(connection: Connection) -> object:
        return connection.scalar(text(f"PRAGMA {pragma}"))

    assert await database.read(read) == value


async def test_a_transaction_that_raises_is_rolled_back_whole(database: Database) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("INSERT INTO workers VALUES ('w', '{}', 'idle', 1.0)"))
        raise LookupError("after the insert")

    with pytest.raises(LookupError):
        await database.write(fail)
    assert await database.read(lambda connection: connection.scalar(text("SELECT count(*) FROM workers"))) == 0


async def test_a_write_holds_the_lock_from_its_first_statement(database: Database, tmp_path: Path) -> None:
    peer = Database(tmp_path / "jobs.db", busy_timeout=0.01)
    await peer.open()
    began, go_on = threading.Event(), threading.Event()

    def wait(_: Connection) -> bool:
        began.set()
        return go_on.wait(30)

    writing = asyncio.ensure_future(database.write(wait))
    await asyncio.to_thread(began.wait, 30)
    with pytest.raises(Exception, match="locked"):
        await peer.write(lambda _: None)
    go_on.set()
    assert await writing
    await peer.write(lambda _: None)
    await peer.close()


async def test_the_loop_goes_on_while_the_file_is_waited_for(database: Database) -> None:
    go_on = threading.Event()
    waiting = asyncio.ensure_future(database.write(lambda _: go_on.wait(30)))
    await asyncio.sleep(0)
    # Only the loop can set the event that the thread waits for: a blocked loop never would.
    asyncio.get_running_loop().call_soon(go_on.set)
    assert await waiting


async def test_work_in_hand_ends_before_closing_though_its_caller_is_gone(database: Database) -> None:
    began, go_on = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        began.set()
        go_on.wait(30)
        connection.execute(text("INSERT INTO workers VALUES ('w', '{}', 'idle', 1.0)"))

    caller = asyncio.ensure_future(database.write(write))
    await asyncio.to_thread(began.wait, 30)
    caller.cancel()
    closing = asyncio.ensure_future(database.close())
    go_on.set()
    await closing
    assert caller.cancelled()
    await database.open()
    assert await database.read(lambda connection: connection.scalar(text("SELECT count(*) FROM workers"))) == 1


async def test_an_opening_that_is_cancelled_leaves_no_thread(tmp_path: Path) -> None:
    database = Database(tmp_path / "jobs.db", busy_timeout=1.0)
    opening = asyncio.ensure_future(database.open())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    for thread in threading.enumerate():
        if thread.name.startswith("fw-store-sql"):
            await asyncio.to_thread(thread.join, 30)
    assert [one for one in threading.enumerate() if one.name.startswith("fw-store-sql")] == []
    await database.open()
    await database.close()


async def test_opening_twice_opens_once(database: Database) -> None:
    before = threading.active_count()
    await database.open()
    assert threading.active_count() == before


async def test_held_jobs_are_out_of_the_way_of_claims(store: SQLStorage) -> None:
    await dispatched(store, a_task("t"))
    await take(store)
    await store.create([a_job(str(number)) for number in range(20)])
    await claim(store, limit=15)

    def in_the_way(connection: Connection) -> object:
        return connection.scalar(text("SELECT count(*) FROM jobs INDEXED BY jobs_free WHERE ready = 1 AND held = 0"))

    assert await store._database.read(in_the_way) == 5
    assert len(await claim(store, "e2", now=50.0, limit=1)) == 1
    await store.renew_jobs("e1", [str(number) for number in range(15)], now=50.0, lease=30.0)
    assert await store._database.read(in_the_way) == 5
    await store.create([a_job("claimed")], claim=Claim("e1", 99.0))
    assert await store.finish_tasks([a_finish("t")], claim=Claim("e1", 99.0)) == [FinishAnswer.JOB_CLAIMED]
    assert await store._database.read(in_the_way) == 5


async def test_no_hot_statement_scans_a_table_or_sorts(store: SQLStorage) -> None:
    """Every statement of a job's life, as SQLite's planner sees it."""
    statements: list[str] = []
    connection = store._database._connection
    assert connection is not None
    driver: Any = connection.connection.driver_connection

    await store._database.read(lambda _: driver.set_trace_callback(statements.append))
    await dispatched(store, a_task("t0"), a_task("t1", 1))
    await store.create([a_job("k"), a_job("l")], [an_entry("e", "k")])
    await claim(store)
    await store.renew_jobs("e1", ["k", "l"], now=1.0, lease=30.0)
    await store.release_jobs("e1", ["l"])
    await take(store)
    await store.renew_tasks("w1", ["t0"], now=1.0, lease=30.0)
    await store.release_task("w1", "t0")
    await take(store)
    await end(store, a_finish("t0", retry=a_task("t0-2", attempt=2), history=(an_entry("e"),)))
    await take(store)
    await end(store, a_finish("t1"))
    await take(store)
    await store.sweep(now=9999.0, max_attempts=9)
    await store.commit([a_transition("k")])
    await store.job("j")
    await store.task("t0")
    await store.tasks("j")
    await store.tasks("j", step=1)
    await store.history("j")
    await store._database.read(lambda _: driver.set_trace_callback(None))

    def plans(connection: Connection) -> dict[str, str]:
        found = {}
        for statement in dict.fromkeys(statements):
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}".replace("%", "%%"))
                # The rows that were given with a statement are read one after the other, as they should be.
                steps = [row[3] for row in rows if row[3] != "SCAN given" and "CONSTANT ROW" not in row[3]]
                found[statement] = " / ".join(steps)
        return found

    found = await store._database.read(plans)
    assert len(found) > 15
    # An index with the wanted order is "scanned" from its start, up to the limit; anything else is not.
    allowed = {"SCAN jobs USING INDEX jobs_free", "SCAN jobs USING COVERING INDEX jobs_free"}
    steps = {step for plan in found.values() for step in plan.split(" / ")} - allowed
    assert {step for step in steps if "SCAN" in step or "TEMP B-TREE" in step} == set()


def transactions_of(store: SQLStorage) -> list[str]:
    """How each of its transactions begins, from now on."""
    begun: list[str] = []
    transaction = store._database._transaction

    def counted(begin: str, work: Any) -> Any:
        begun.append(begin)
        return transaction(begin, work)

    store._database._transaction = counted  # type: ignore[method-assign]  # only counts
    return begun


async def turns(number: int) -> None:
    """Let the loop turn so often."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_calls_that_wait_together_share_a_transaction(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    begun = transactions_of(store)
    await asyncio.gather(*(store.create([a_job(f"{n}")]) for n in range(100)))
    assert begun == ["BEGIN IMMEDIATE"]
    begun.clear()
    await asyncio.gather(*(store.job(f"{n}") for n in range(100)))
    assert begun == ["BEGIN"]
    begun.clear()
    await asyncio.gather(store.job("1"), store.create([a_job("last")]), store.job("2"))
    assert begun == ["BEGIN IMMEDIATE"], "whoever reads first and writes then may find that others have written"
    assert len(await store.jobs(limit=1000)) == 101
    await store.close()


async def test_what_follows_from_answers_shares_the_next_transaction(store: SQLStorage) -> None:
    """Though it takes its callers some turns of the loop, each another number of them."""
    begun = transactions_of(store)

    async def two(number: int) -> None:
        await store.create([a_job(f"{number}")])
        await turns(number % 3)
        await store.create([a_job(f"{number}-next")])

    await asyncio.gather(*(two(n) for n in range(20)))
    assert begun == ["BEGIN IMMEDIATE"] * 2


async def test_company_is_not_waited_for_without_end(store: SQLStorage) -> None:
    """Others that add something at every turn of the loop do not keep it from the disk."""
    begun = transactions_of(store)
    first = asyncio.gather(store.create([a_job("first")]), store.create([a_job("second")]))
    added: list[asyncio.Future[object]] = []
    while len(begun) < 3:
        added.append(asyncio.ensure_future(store.job("first")))
        await turns(1)
    await asyncio.gather(first, *added)


async def test_a_call_that_comes_alone_waits_for_nobody(store: SQLStorage) -> None:
    begun = transactions_of(store)
    given = asyncio.Event()
    give = store._database._lane.give  # type: ignore[union-attr]  # it is open

    def noted(work: Any, told: Any) -> None:
        given.set()
        give(work, told)

    store._database._lane.give = noted  # type: ignore[method-assign, union-attr]  # only notes
    for number in range(3):
        made = asyncio.ensure_future(store.create([a_job(f"{number}")]))
        await turns(2)
        assert given.is_set()
        given.clear()
        await made
    assert len(begun) == 3


async def test_calls_that_nobody_waits_for_any_more_hold_up_no_other(store: SQLStorage) -> None:
    gone = [asyncio.ensure_future(store.job(f"{n}")) for n in range(2 * MOST_AT_ONCE)]
    await turns(1)
    for call in gone:
        call.cancel()
    assert await asyncio.wait_for(store.create([a_job("late")]), 5.0) == ["late"]


async def test_a_call_that_is_cancelled_before_it_has_begun_does_nothing(store: SQLStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait(_: Connection) -> bool:
        began.set()
        return go_on.wait(30)

    before = asyncio.ensure_future(store._database.write(wait))
    await asyncio.to_thread(began.wait, 30)
    calls = [asyncio.ensure_future(store.create([a_job(job_id)])) for job_id in ("gone", "kept")]
    await turns(1)
    calls[0].cancel()
    go_on.set()
    assert await before
    assert await calls[1] == ["kept"]
    assert [job.id for job in await store.jobs()] == ["kept"]


async def test_a_call_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    await store.create([a_job("known")])
    batches = [[a_job("a")], [a_job("b"), a_job("known")], [a_job("c")]]
    answers = await asyncio.gather(*(store.create(batch) for batch in batches), return_exceptions=True)
    assert [type(answer) for answer in answers] == [list, StoreError, list]
    assert {job.id for job in await store.jobs()} == {"known", "a", "c"}
    await store.close()


async def test_work_that_raises_whatever_it_likes_takes_no_other_with_it(database: Database) -> None:
    def insert(connection: Connection) -> None:
        connection.execute(text("INSERT INTO workers VALUES ('w', '{}', 'idle', 1.0)"))

    def fail(connection: Connection) -> None:
        raise LookupError("as told")

    answers = await asyncio.gather(database.write(insert), database.write(fail), return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), LookupError]
    assert await database.read(lambda connection: connection.scalar(text("SELECT count(*) FROM workers"))) == 1


class Gone(BaseException):
    """What no program catches by chance."""


async def test_work_that_breaks_off_writes_nothing_and_nobody_is_told_otherwise(database: Database) -> None:
    def insert(connection: Connection) -> None:
        connection.execute(text("INSERT INTO workers VALUES ('w', '{}', 'idle', 1.0)"))

    def fail(connection: Connection) -> None:
        raise Gone

    answers = await asyncio.gather(database.write(insert), database.write(fail), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Gone, Gone]
    assert await database.read(lambda connection: connection.scalar(text("SELECT count(*) FROM workers"))) == 0


async def test_so_many_calls_share_a_transaction_and_no_more(store: SQLStorage) -> None:
    begun = transactions_of(store)
    await asyncio.gather(*(store.job(f"{n}") for n in range(2 * MOST_AT_ONCE + 1)))
    assert begun == ["BEGIN"] * 3


async def test_calls_that_wait_when_the_store_is_closed_are_finished(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    waiting = [asyncio.ensure_future(store.create([a_job(f"{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*waiting) == [[f"{n}"] for n in range(20)]
    await store.open()
    assert len(await store.jobs()) == 20
    await store.close()
