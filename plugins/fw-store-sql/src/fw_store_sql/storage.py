"""`SQLStorage`: the methods of the port, each one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from fw_orchestrator.model import (
    Cancelled,
    Claim,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobCount,
    JobStatus,
    JsonObject,
    Sweep,
    Task,
    TaskFinish,
    Transition,
    WorkerRecord,
)
from fw_store_sql import cascades, changes, claims, queries, work
from fw_store_sql.database import Database
from fw_store_sql.location import database_path

LOOK = 0.1
"""Seconds between two looks for what other processes have written."""


class SQLStorage:
    """A durable :class:`~fw_orchestrator.store.JobStore` in one SQLite file, shared by any number of processes.

    ``url`` is ``sqlite:///`` and a path; ``busy_timeout`` is how many seconds a call waits for another process.
    What a method has returned survives the death of process and machine. Raises
    :class:`~fw_orchestrator.store.StoreError` if the URL is not supported.
    """

    def __init__(self, url: str, *, busy_timeout: float = 5.0) -> None:
        self._database = Database(database_path(url), busy_timeout=busy_timeout)
        self._heard: int | None = None

    async def open(self) -> None:
        """Open the file; create it, readable by its owner only, if there is none."""
        await self._database.open()
        self._heard = await self._database.foreign_writes()

    async def close(self) -> None:
        """Finish the calls in hand and close the file."""
        await self._database.close()

    async def news(self) -> None:
        """Look every tenth of a second whether another connection has written."""
        # What was written between two calls is news for the second.
        while (seen := await self._database.foreign_writes()) == self._heard:  # noqa: ASYNC110 - SQLite tells nobody
            await asyncio.sleep(LOOK)
        self._heard = seen

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Add new jobs."""
        return await self._database.write_together(changes.create_all, (jobs, history, claim))

    async def claim_jobs(
        self, owner: str, *, now: float, lease: float, limit: int, definitions: Collection[str] | None = None
    ) -> list[Job]:
        """Take ready jobs that nobody holds."""
        return await self._database.write(
            lambda connection: claims.claim(connection, owner, now, lease, limit, definitions)
        )

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong claims."""
        return await self._database.write(lambda connection: claims.renew(connection, owner, job_ids, now, lease))

    async def release_jobs(self, owner: str, job_ids: Collection[str]) -> None:
        """Give claims back."""
        await self._database.write(lambda connection: claims.release(connection, owner, job_ids))

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Apply the transitions that their fences admit."""
        return await self._database.write_together(changes.commit_all, transitions)

    async def cancel_jobs(self, job_ids: Collection[str], *, at: float, reason: str) -> Cancelled:
        """End jobs as cancelled."""
        return await self._database.write(lambda connection: cascades.cancel(connection, job_ids, at, reason))

    async def claim_tasks(
        self,
        worker_id: str,
        skills: Collection[str],
        *,
        now: float,
        lease: float,
        limit: int = 1,
        offer: JsonObject | None = None,
    ) -> list[Task]:
        """Hand out the first tasks of these skills."""
        return await self._database.write(
            lambda connection: work.claim(connection, worker_id, skills, now=now, lease=lease, limit=limit, offer=offer)
        )

    async def renew_tasks(self, worker_id: str, task_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong the leases of running tasks."""
        return await self._database.write(lambda connection: work.renew(connection, worker_id, task_ids, now, lease))

    async def release_task(self, worker_id: str, task_id: str) -> bool:
        """Put a running task back."""
        return await self._database.write(lambda connection: work.release(connection, worker_id, task_id))

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Record the ends of attempts."""
        return await self._database.write_together(cascades.finish_all, (finishes, claim))

    async def sweep(self, *, now: float, max_attempts: int, limit: int = 1000) -> Sweep:
        """Do what time demands."""
        return await self._database.write(lambda connection: work.sweep(connection, now, max_attempts, limit))

    async def purge(self, statuses: Collection[JobStatus], *, before: float, limit: int = 1000) -> list[str]:
        """Delete jobs that ended long ago."""
        return await self._database.write(lambda connection: queries.purge(connection, statuses, before, limit))

    async def use_once(self, mark: str, *, now: float, until: float) -> float | None:
        """When it was used before."""
        return await self._database.write(lambda connection: queries.use_once(connection, mark, now, until))

    async def job(self, job_id: str) -> Job | None:
        """One job."""
        return await self._database.read(lambda connection: queries.job(connection, job_id))

    async def jobs(
        self,
        *,
        statuses: Collection[JobStatus] | None = None,
        blueprint: str | None = None,
        state: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """Jobs, the last created first."""
        return await self._database.read(
            lambda connection: queries.newest_jobs(connection, statuses, blueprint, state, limit, offset)
        )

    async def counts(self) -> list[JobCount]:
        """How many jobs there are."""
        return await self._database.read(queries.counts)

    async def task(self, task_id: str) -> Task | None:
        """One task."""
        return await self._database.read(lambda connection: queries.task(connection, task_id))

    async def tasks(self, job_id: str, *, step: int | None = None) -> list[Task]:
        """The tasks of a job."""
        return await self._database.read(lambda connection: queries.tasks_of(connection, job_id, step))

    async def history(self, job_id: str) -> list[HistoryEntry]:
        """The history of a job."""
        return await self._database.read(lambda connection: queries.history_of(connection, job_id))

    async def save_worker(self, worker: WorkerRecord) -> None:
        """Add or replace a worker."""
        await self._database.write(lambda connection: queries.save_worker(connection, worker))

    async def touch_worker(self, worker_id: str, *, status: str, now: float) -> bool:
        """Note a sign of life."""
        return await self._database.write(lambda connection: queries.touch_worker(connection, worker_id, status, now))

    async def worker(self, worker_id: str) -> WorkerRecord | None:
        """One worker."""
        return await self._database.read(lambda connection: queries.worker(connection, worker_id))

    async def workers(self, *, seen_since: float = 0.0) -> list[WorkerRecord]:
        """Workers by id."""
        return await self._database.read(lambda connection: queries.workers_since(connection, seen_since))
