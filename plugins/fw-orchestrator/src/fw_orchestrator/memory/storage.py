"""`MemoryStorage`, the methods of the port over two tables."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from itertools import islice

from msgspec.structs import replace

from fw_orchestrator.consistency import check_history, check_ready, check_task
from fw_orchestrator.memory.jobs import JobSlot, JobTable
from fw_orchestrator.memory.tasks import TaskTable
from fw_orchestrator.memory.values import copied, kept
from fw_orchestrator.model import (
    TERMINAL,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobStatus,
    Task,
    TaskFinish,
    TaskStatus,
    Transition,
    WorkerRecord,
)
from fw_orchestrator.store import StoreError


class MemoryStorage:
    """A :class:`~fw_orchestrator.store.JobStore` for one event loop; engines that share it share the object.

    Claims, finishes and sweeps cost O(log n). What it holds outlives ``close`` and is gone with the object.
    """

    def __init__(self) -> None:
        self._jobs = JobTable()
        self._tasks = TaskTable()
        self._workers: dict[str, WorkerRecord] = {}

    async def open(self) -> None:
        """Do nothing: there is nothing to acquire."""

    async def close(self) -> None:
        """Do nothing: the data stay, so that an application can stop and start again."""

    async def create(self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = ()) -> None:
        """Add new jobs."""
        new: dict[str, Job] = {}
        for job in jobs:
            check_ready(job.id, job.status, job.ready)
            if job.id in new or self._jobs.get(job.id):
                raise StoreError(
                    f"A job with the id {job.id!r} exists already.",
                    remedy="Give every job an id of its own; none was created.",
                )
            new[job.id] = kept(job, f"job {job.id!r}")
        lines = [kept(entry, f"history of job {entry.job_id!r}") for entry in history]
        for entry in lines:
            if entry.job_id not in new:
                raise StoreError(f"History of job {entry.job_id!r} was given, but it is not among the jobs to create.")
        slots = {job.id: self._jobs.add(job) for job in new.values()}
        for entry in lines:
            slots[entry.job_id].history.append(entry)

    async def claim_jobs(self, owner: str, *, now: float, lease: float, limit: int) -> list[Job]:
        """Take ready jobs that nobody holds."""
        claimed: list[Job] = []
        while len(claimed) < limit and (slot := self._jobs.next(now)):
            self._jobs.hold(slot, owner, now + lease)
            claimed.append(copied(slot.job))
        return claimed

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong claims."""
        held = self._jobs.claims(owner, job_ids)
        for slot in held:
            self._jobs.hold(slot, owner, now + lease)
        return [slot.job.id for slot in held]

    async def release_jobs(self, owner: str, job_ids: Collection[str]) -> None:
        """Give claims back."""
        for slot in self._jobs.claims(owner, job_ids):
            self._jobs.hold(slot, None, None)

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Apply the transitions that their fences admit."""
        admitted: dict[str, tuple[JobSlot, Transition]] = {}
        new_tasks: set[str] = set()
        answers: list[bool] = []
        for transition in transitions:
            slot = self._jobs.get(transition.job_id)
            # A transition ends the claim: a second one of the same job in this batch is refused.
            accepted = slot is not None and transition.job_id not in admitted and slot.admits(transition)
            answers.append(accepted)
            if slot is not None and accepted:
                admitted[transition.job_id] = slot, self._checked_transition(transition, new_tasks)
        for slot, transition in admitted.values():
            self._apply(slot, transition)
        return answers

    def _checked_transition(self, transition: Transition, new_tasks: set[str]) -> Transition:
        check_ready(transition.job_id, transition.status, transition.ready)
        check_history(transition.history, transition.job_id)
        for task in transition.tasks:
            check_task(task, transition.job_id, transition.expected_version + 1)
            self._check_new(task, new_tasks)
            new_tasks.add(task.id)
        return kept(transition, f"transition of job {transition.job_id!r}")

    def _check_new(self, task: Task, others: Collection[str]) -> None:
        if task.id in others or self._tasks.get(task.id):
            raise StoreError(
                f"A task with the id {task.id!r} exists already.", remedy="Give every attempt an id of its own."
            )

    def _apply(self, slot: JobSlot, change: Transition) -> None:
        if slot.job.tasks_open:
            self._tasks.cancel_open(slot.job.id)
        slot.job = replace(
            slot.job,
            version=change.expected_version + 1,
            updated_at=change.at,
            state=change.state,
            status=change.status,
            ready=change.ready,
            state_history=change.state_history,
            awaited=change.awaited,
            result=change.result,
            error=change.error,
            tasks_total=len(change.tasks),
            tasks_open=len(change.tasks),
        )
        self._jobs.hold(slot, None, None)
        for task in change.tasks:
            self._tasks.add(task)
        slot.history.extend(change.history)

    async def claim_task(self, worker_id: str, skills: Collection[str], *, now: float, lease: float) -> Task | None:
        """Hand out the first task of these skills."""
        task = self._tasks.claim(worker_id, skills, now, now + lease)
        return copied(task) if task else None

    async def renew_tasks(self, worker_id: str, task_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong the leases of running tasks."""
        held = [task for task_id in dict.fromkeys(task_ids) if (task := self._tasks.held_by(worker_id, task_id))]
        for task in held:
            self._tasks.renew(task, now + lease)
        return [task.id for task in held]

    async def release_task(self, worker_id: str, task_id: str) -> bool:
        """Put a running task back."""
        task = self._tasks.held_by(worker_id, task_id)
        if task:
            self._tasks.release(task)
        return task is not None

    async def finish_tasks(self, finishes: Sequence[TaskFinish]) -> list[FinishAnswer]:
        """Record the ends of attempts."""
        staged: dict[str, Task] = {}
        accepted: dict[int, tuple[JobSlot, Task, TaskFinish]] = {}
        refusals: dict[int, FinishAnswer] = {}
        for index, finish in enumerate(finishes):
            slot = self._jobs.get(finish.job_id)
            task = staged.get(finish.task_id) or self._tasks.get(finish.task_id)
            refusal = _refusal(slot.job if slot else None, task, finish)
            if refusal or slot is None or task is None:
                refusals[index] = refusal or FinishAnswer.STALE_TASK
                continue
            accepted[index] = slot, task, self._checked_finish(finish, task, staged)
            staged[task.id] = replace(task, status=TaskStatus.DONE)
            if finish.retry:
                staged[finish.retry.id] = finish.retry
        return [refusals.get(index) or self._end(*accepted[index]) for index in range(len(finishes))]

    def _checked_finish(self, finish: TaskFinish, task: Task, staged: Collection[str]) -> TaskFinish:
        check_history(finish.history, finish.job_id)
        if finish.retry:
            check_task(finish.retry, task.job_id, task.step)
            self._check_new(finish.retry, staged)
        return kept(finish, f"end of task {finish.task_id!r}")

    def _end(self, slot: JobSlot, task: Task, finish: TaskFinish) -> FinishAnswer:
        self._tasks.end(task, finish.outcome)
        slot.history.extend(finish.history)
        if finish.retry:
            self._tasks.add(finish.retry)
            return FinishAnswer.RETRIED
        still_open = slot.job.tasks_open - 1
        job = replace(slot.job, tasks_open=still_open, updated_at=finish.at, ready=slot.job.ready or not still_open)
        self._jobs.change(slot, job)
        return FinishAnswer.ACCEPTED if still_open else FinishAnswer.JOB_READY

    async def release_expired(self, *, now: float) -> list[Task]:
        """Put tasks whose lease has ended back."""
        return [copied(self._tasks.release(task)) for task in self._tasks.expired(now)]

    async def job(self, job_id: str) -> Job | None:
        """One job."""
        slot = self._jobs.get(job_id)
        return copied(slot.job) if slot else None

    async def jobs(
        self,
        *,
        statuses: Collection[JobStatus] | None = None,
        blueprint: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """Jobs, the last created first."""
        matching = (
            job
            for job in self._jobs.newest()
            if (statuses is None or job.status in statuses) and (blueprint is None or job.blueprint == blueprint)
        )
        start = min(max(offset, 0), sys.maxsize)
        return [copied(job) for job in islice(matching, start, min(start + max(limit, 0), sys.maxsize))]

    async def task(self, task_id: str) -> Task | None:
        """One task."""
        task = self._tasks.get(task_id)
        return copied(task) if task else None

    async def tasks(self, job_id: str, *, step: int | None = None) -> list[Task]:
        """The tasks of a job."""
        found = [task for task in self._tasks.of_job(job_id) if step is None or task.step == step]
        return [copied(task) for task in sorted(found, key=lambda task: (task.step, task.number, task.attempt))]

    async def history(self, job_id: str) -> list[HistoryEntry]:
        """The history of a job."""
        slot = self._jobs.get(job_id)
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


def _refusal(job: Job | None, task: Task | None, finish: TaskFinish) -> FinishAnswer | None:
    if job is None:
        return FinishAnswer.JOB_NOT_FOUND
    if task is not None and task.job_id != job.id:
        task = None
    if task is not None and task.status is TaskStatus.DONE and task.worker_id == finish.worker_id:
        return FinishAnswer.REPEATED
    if job.status in TERMINAL:
        return FinishAnswer.JOB_TERMINATED
    if task is None or task.step != job.version:
        return FinishAnswer.STALE_TASK
    if task.status is not TaskStatus.RUNNING or task.worker_id != finish.worker_id:
        return FinishAnswer.WORKER_MISMATCH
    return None
