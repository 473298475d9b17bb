"""What can be asked of a memory store, its register of workers, and what is good for one use."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection
from itertools import islice

from msgspec.structs import replace

from fw_orchestrator.marks import Marks
from fw_orchestrator.memory.ledger import Ledger
from fw_orchestrator.memory.values import copied, kept
from fw_orchestrator.model import HistoryEntry, Job, JobCount, JobStatus, Task, WorkerRecord


class Reading:
    """The methods of the port that change no job."""

    _ledger: Ledger
    _workers: dict[str, WorkerRecord]
    _marks: Marks

    async def job(self, job_id: str) -> Job | None:
        """One job."""
        slot = self._ledger.jobs.get(job_id)
        return copied(slot.job) if slot else None

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
        matching = (
            job
            for job in self._ledger.jobs.newest()
            if (statuses is None or job.status in statuses)
            and (blueprint is None or job.blueprint == blueprint)
            and (state is None or job.state == state)
        )
        start = min(max(offset, 0), sys.maxsize)
        return [copied(job) for job in islice(matching, start, min(start + max(limit, 0), sys.maxsize))]

    async def counts(self) -> list[JobCount]:
        """How many jobs there are."""
        found = Counter(
            (job.blueprint, job.definition, job.state, job.status.value) for job in self._ledger.jobs.newest()
        )
        return [
            JobCount(blueprint=blueprint, definition=definition, state=state, status=JobStatus(status), number=number)
            for (blueprint, definition, state, status), number in sorted(found.items())
        ]

    async def task(self, task_id: str) -> Task | None:
        """One task."""
        task = self._ledger.tasks.get(task_id)
        return copied(task) if task else None

    async def tasks(self, job_id: str, *, step: int | None = None) -> list[Task]:
        """The tasks of a job."""
        found = [task for task in self._ledger.tasks.of_job(job_id) if step is None or task.step == step]
        return [copied(task) for task in sorted(found, key=lambda task: (task.step, task.number, task.attempt))]

    async def history(self, job_id: str) -> list[HistoryEntry]:
        """The history of a job."""
        slot = self._ledger.jobs.get(job_id)
        return [copied(entry) for entry in slot.history] if slot else []

    async def save_worker(self, worker: WorkerRecord) -> None:
        """Add or replace a worker."""
        self._workers[worker.id] = kept(worker, f"worker {worker.id!r}")

    async def touch_worker(self, worker_id: str, *, status: str, now: float) -> bool:
        """Note a sign of life."""
        worker = self._workers.get(worker_id)
        if worker:
            self._workers[worker_id] = replace(worker, status=status, seen_at=now)
        return worker is not None

    async def worker(self, worker_id: str) -> WorkerRecord | None:
        """One worker."""
        worker = self._workers.get(worker_id)
        return copied(worker) if worker else None

    async def workers(self, *, seen_since: float = 0.0) -> list[WorkerRecord]:
        """Workers by id."""
        found = (worker for worker in self._workers.values() if worker.seen_at >= seen_since)
        return [copied(worker) for worker in sorted(found, key=lambda worker: worker.id)]

    async def use_once(self, mark: str, *, now: float, until: float) -> float | None:
        """When it was used before."""
        return self._marks.use(mark, now, until)
