"""A program for tests: writes to a job store until it is killed, saying on stdout what has been acknowledged.

Arguments: the path of the file, and what to do (a key of ``DEEDS``, or ``create``: open every path given on stdin).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection

from fw_orchestrator.model import HistoryEntry, Job, JobStatus, Task, TaskStatus, Transition
from fw_store_sql import SQLStorage
from fw_store_sql.database import Database

T = TypeVar("T")


class Forgetful(Database):
    """A broken database: it says that all is well and never commits."""

    def _transaction(self, _begin: str, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            raise SystemExit("not open")
        driver: Any = self._connection.connection.driver_connection
        if not driver.in_transaction:
            driver.execute("BEGIN IMMEDIATE")
        return work(self._connection)


def say(text: str) -> None:
    print(text, flush=True)


async def commit(store: SQLStorage) -> None:
    """One job after the other: created, then taken two steps further; each step dispatches two tasks."""
    for number in count():
        job_id = f"job-{number}"
        job = Job(id=job_id, blueprint="b", definition="d", state="0", created_at=1.0, updated_at=1.0)
        await store.create([job], [HistoryEntry(job_id=job_id, at=1.0, event="0", state="0")])
        say(f"{job_id} 0")
        for version in (0, 1):
            await store.claim_jobs("writer", now=1.0, lease=60.0, limit=1)
            step = version + 1
            transition = Transition(
                job_id=job_id,
                owner="writer",
                expected_version=version,
                at=1.0,
                state=str(step),
                status=JobStatus.RUNNING if step == 1 else JobStatus.WAITING_FOR_WORKER,
                ready=step == 1,
                state_history={"filling": "x" * 500},
                tasks=tuple(
                    Task(
                        id=f"{job_id}-{step}-{n}",
                        job_id=job_id,
                        step=step,
                        number=n,
                        skill="s",
                        params={},
                        enqueued_at=1.0,
                    )
                    for n in range(2)
                ),
                history=(HistoryEntry(job_id=job_id, at=1.0, event=str(step), state=str(step)),),
            )
            if await store.commit([transition]) != [True]:
                raise SystemExit("a transition was refused")
            say(f"{job_id} {step}")


def work() -> int:
    """Take about a millisecond: a claimer that never does anything else leaves the other one no gap."""
    return sum(range(50_000))


async def claim(store: SQLStorage) -> None:
    """Take tasks and jobs until there are none."""
    while True:
        tasks = await store.claim_tasks("w", ["s"], now=1.0, lease=60.0)
        jobs = await store.claim_jobs("e", now=1.0, lease=60.0, limit=2)
        for taken in [*(job.id for job in jobs), *(task.id for task in tasks)]:
            say(taken)
            work()
        if not tasks and not jobs:
            return


async def forget(store: SQLStorage) -> None:
    """The same as ``commit`` on the broken database."""
    store._database.__class__ = Forgetful
    await commit(store)


class Looking(SQLStorage):
    """Broken on purpose: looks which task is next, and takes it a moment later, in another transaction."""

    async def claim_tasks(self, worker_id: str, skills: Collection[str], **options: Any) -> list[Task]:
        """The task that was seen, whichever was taken."""
        seen = [task for task in await self.tasks("j") if task.status is TaskStatus.QUEUED][:1]
        work()
        await super().claim_tasks(worker_id, skills, **options)
        return seen


async def look(store: SQLStorage) -> None:
    """The same as ``claim`` on a store that looks first."""
    store.__class__ = Looking
    await claim(store)


DEEDS = {"commit": commit, "forget": forget, "claim": claim, "look": look}


async def create() -> None:
    """Open and close one store after the other."""
    say("open")
    while path := (await asyncio.to_thread(sys.stdin.readline)).strip():
        store = SQLStorage(f"sqlite:///{path}")
        await store.open()
        await store.close()
        say(path)


async def main(path: str, what: str) -> None:
    if what == "create":
        return await create()
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    say("open")
    # Both claimers begin when the test says so: then they truly compete.
    if what in ("claim", "look"):
        await asyncio.to_thread(sys.stdin.readline)
    await DEEDS[what](store)
    return await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
