"""Stores that are broken on purpose, each in one way: the campaigns must notice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, text

from fw_orchestrator.model import Claim, FinishAnswer, HistoryEntry, Job, TaskFinish, Transition
from fw_store_sql import changes
from fw_store_sql.rows import task_values
from fw_store_sql.writing import add_history, add_tasks

from .crash_points import BEFORE_ANSWER, BETWEEN_HALVES, CrashingStore


class Unfenced(CrashingStore):
    """Writes what comes, whoever sends it and whatever version it was made for."""

    async def keep(self, transitions: Sequence[Transition]) -> list[bool]:
        """Make the job fit the transition, then apply it."""
        return await self._database.write(
            lambda connection: changes.commit(connection, [_forced(connection, one) for one in transitions])
        )


def _forced(connection: Connection, transition: Transition) -> Transition:
    values = {"job": transition.job_id, "owner": transition.owner}
    connection.execute(text("UPDATE jobs SET owner = :owner, status = 'running' WHERE id = :job"), values)
    version = connection.execute(text("SELECT version FROM jobs WHERE id = :job"), values).scalar_one()
    tasks = tuple(replace(task, step=version + 1) for task in transition.tasks)
    return replace(transition, expected_version=version, tasks=tasks)


class Split(CrashingStore):
    """Writes the job in one transaction, its tasks and history in another."""

    async def keep(self, transitions: Sequence[Transition]) -> list[bool]:
        """Two writes."""
        bare = [replace(one, tasks=(), history=()) for one in transitions]
        accepted = await self._database.write(lambda connection: changes.commit(connection, bare))
        self.reach(BETWEEN_HALVES)
        for transition, there in zip(transitions, accepted, strict=True):
            if there:
                await self._database.write(partial(_second_half, transition))
        return accepted


def _second_half(transition: Transition, connection: Connection) -> None:
    add_tasks(connection, [task_values(task) for task in transition.tasks])
    add_history(connection, transition.history)
    number = len(transition.tasks)
    connection.execute(
        text("UPDATE jobs SET tasks_total = :n, tasks_open = :n WHERE id = :job"),
        {"n": number, "job": transition.job_id},
    )


class Recounting(CrashingStore):
    """Takes a result that is sent again for a new one."""

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Forget that there is a result already."""

        def forget(connection: Connection) -> None:
            for finish in finishes:
                statement = text("UPDATE tasks SET status = 'running', worker_id = :worker WHERE id = :task")
                connection.execute(statement, {"task": finish.task_id, "worker": finish.worker_id})

        await self._database.write(forget)
        return await super().finish_tasks(finishes, claim=claim)


class Holding(CrashingStore):
    """Its claims never end, even if their engine is dead."""

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        """Hold for ever."""
        return await super().claim_jobs(owner, **(options | {"lease": 1e9}))

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Hold for ever."""
        return await super().create(jobs, history, claim=claim and replace(claim, until=1e12))

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Hold for ever."""
        return await super().finish_tasks(finishes, claim=claim and replace(claim, until=1e12))

    async def renew_jobs(self, owner: str, job_ids: Any, *, now: float, lease: float) -> list[str]:
        """Hold for ever."""
        return await super().renew_jobs(owner, job_ids, now=now, lease=1e9)


MANY = 16


class WriteBehind(CrashingStore):
    """Says that jobs are kept, and writes them when there are many."""

    _unwritten: tuple[tuple[Job, ...], tuple[HistoryEntry, ...]] = ((), ())

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Write later."""
        self._unwritten = (*self._unwritten[0], *jobs), (*self._unwritten[1], *history)
        if len(self._unwritten[0]) >= MANY:
            kept, self._unwritten = self._unwritten, ((), ())
            return (await super().create(*kept))[-len(jobs) :]
        self.reach(BEFORE_ANSWER)
        return [job.id for job in jobs]


STORES: dict[str, type[CrashingStore]] = {
    "sound": CrashingStore,
    "unfenced": Unfenced,
    "split": Split,
    "recounting": Recounting,
    "holding": Holding,
    "write-behind": WriteBehind,
}
