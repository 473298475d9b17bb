"""Stores that are broken on purpose, each in one way: the simulation must notice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from msgspec.structs import replace

from fw_orchestrator import MemoryStorage
from fw_orchestrator.model import Claim, FinishAnswer, HistoryEntry, Job, Task, TaskFinish, TaskStatus, Transition


class Unfenced(MemoryStorage):
    """Writes what comes, whoever sends it and whatever version it was made for."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Make the transition fit the job, then apply it."""
        for transition in transitions:
            slot = self._ledger.jobs.get(transition.job_id)
            assert slot is not None
            version = slot.job.version
            tasks = tuple(replace(task, step=version + 1) for task in transition.tasks)
            self._ledger.apply(slot, replace(transition, expected_version=version, tasks=tasks))
        return [True] * len(transitions)


class Split(MemoryStorage):
    """Writes a job first, its tasks and sub-jobs a moment later."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Two writes."""
        accepted = await super().commit([replace(one, tasks=(), jobs=()) for one in transitions])
        await asyncio.sleep(0.05)
        for transition, there in zip(transitions, accepted, strict=True):
            slot = self._ledger.jobs.get(transition.job_id)
            if there and slot is not None:
                number = len(transition.tasks)
                slot.job = replace(slot.job, tasks_total=number, tasks_open=number)
                for task in transition.tasks:
                    self._ledger.tasks.add(task)
                await self.create(transition.jobs)
        return accepted


class Recounting(MemoryStorage):
    """Takes a result that is sent again for a new one."""

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Forget that there is a result already."""
        for finish in finishes:
            task, slot = self._ledger.tasks.get(finish.task_id), self._ledger.jobs.get(finish.job_id)
            if task is not None and slot is not None and task.status is TaskStatus.DONE and slot.job.tasks_open:
                return [self._ledger.end(slot, task, finish)]
        return await super().finish_tasks(finishes, claim=claim)


class HoldingJobs(MemoryStorage):
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


class HoldingTasks(MemoryStorage):
    """A task that was handed out never comes back, even if its worker is silent."""

    async def claim_tasks(self, worker_id: str, skills: Collection[str], **options: Any) -> list[Task]:
        """Hold for ever."""
        return await super().claim_tasks(worker_id, skills, **(options | {"lease": 1e9}))

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Hold for ever."""
        return await super().commit([replace(one, tasks=tuple(map(_held, one.tasks))) for one in transitions])


def _held(task: Task) -> Task:
    return task if task.lease_until is None else replace(task, lease_until=1e12)


class Keyless(MemoryStorage):
    """Creates a job for every request, even if it is the same again."""

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Forget the keys."""
        return await super().create([replace(job, key=None) for job in jobs], history, claim=claim)


STORES = (Unfenced, Split, Recounting, HoldingJobs, HoldingTasks, Keyless)
