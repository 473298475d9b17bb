"""`MemoryStorage`, the methods of the port over a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

from fw_orchestrator.alarms import is_overdue
from fw_orchestrator.consistency import check_history, check_ready, check_task, check_transition, refusal
from fw_orchestrator.marks import Marks
from fw_orchestrator.memory.jobs import JobSlot
from fw_orchestrator.memory.ledger import Ledger
from fw_orchestrator.memory.reading import Reading
from fw_orchestrator.memory.values import copied, kept
from fw_orchestrator.model import (
    TERMINAL,
    Cancelled,
    Claim,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobStatus,
    JsonObject,
    Sweep,
    Task,
    TaskFinish,
    Transition,
    WorkerRecord,
)
from fw_orchestrator.store import StoreError


class MemoryStorage(Reading):
    """A :class:`~fw_orchestrator.store.JobStore` for one event loop; engines that share it share the object.

    Claims, finishes and sweeps cost O(log n). What it holds outlives ``close`` and is gone with the object.
    """

    is_prompt: Final = True

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._workers: dict[str, WorkerRecord] = {}
        self._marks = Marks()

    async def open(self) -> None:
        """Do nothing: there is nothing to acquire."""

    async def close(self) -> None:
        """Do nothing: the data stay, so that an application can stop and start again."""

    async def news(self) -> None:
        """Wait for ever: whoever shares the object is in this process."""
        await asyncio.get_running_loop().create_future()

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Add new jobs."""
        given = {job.id for job in jobs}
        new: dict[str, Job] = {}
        keys: dict[str, str] = {}
        answers: list[str] = []
        for job in jobs:
            check_ready(job.id, job.status, job.ready)
            earlier = self._ledger.jobs.with_key(job.key) or keys.get(job.key or "")
            answers.append(earlier or job.id)
            if earlier:
                continue
            self._check_new_job(job, new)
            new[job.id] = kept(job, f"job {job.id!r}")
            if job.key:
                keys[job.key] = job.id
        lines = [kept(entry, f"history of job {entry.job_id!r}") for entry in history]
        for entry in lines:
            if entry.job_id not in given:
                raise StoreError(f"History of job {entry.job_id!r} was given, but it is not among the jobs to create.")
        slots = {job.id: self._ledger.jobs.add(job, claim) for job in new.values()}
        for entry in lines:
            if entry.job_id in slots:
                slots[entry.job_id].history.append(entry)
        return answers

    def _check_new_job(self, job: Job, others: Collection[str]) -> None:
        if job.id in others or self._ledger.jobs.get(job.id):
            raise StoreError(
                f"A job with the id {job.id!r} exists already.",
                remedy="Give every job an id of its own; none was created.",
            )

    async def claim_jobs(
        self, owner: str, *, now: float, lease: float, limit: int, definitions: Collection[str] | None = None
    ) -> list[Job]:
        """Take ready jobs that nobody holds."""
        found = self._ledger.jobs.free(now, limit, definitions)
        for slot in found:
            self._ledger.jobs.hold(slot, owner, now + lease)
        return [copied(slot.job) for slot in found]

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong claims."""
        held = self._ledger.jobs.claims(owner, job_ids)
        for slot in held:
            self._ledger.jobs.hold(slot, owner, now + lease)
        return [slot.job.id for slot in held]

    async def release_jobs(self, owner: str, job_ids: Collection[str]) -> None:
        """Give claims back."""
        for slot in self._ledger.jobs.claims(owner, job_ids):
            self._ledger.jobs.hold(slot, None, None)

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Apply the transitions that their fences admit."""
        admitted: dict[int, tuple[JobSlot, Transition]] = {}
        new_tasks: set[str] = set()
        new_jobs: set[str] = set()
        for index, transition in enumerate(transitions):
            slot = self._ledger.jobs.get(transition.job_id)
            if slot is not None and slot.admits(transition):
                admitted[index] = slot, self._checked_transition(transition, new_tasks, new_jobs)
        return [index in admitted and self._applied(*admitted[index]) for index in range(len(transitions))]

    def _applied(self, slot: JobSlot, transition: Transition) -> bool:
        """Make a transition, unless one before it in its batch has moved or ended the job."""
        admitted = slot.admits(transition)
        if admitted:
            self._ledger.apply(slot, transition)
        return admitted

    def _checked_transition(self, transition: Transition, new_tasks: set[str], new_jobs: set[str]) -> Transition:
        check_transition(transition)
        for task in transition.tasks:
            self._check_new(task, new_tasks)
            new_tasks.add(task.id)
        for job in transition.jobs:
            self._check_new_job(job, new_jobs)
            new_jobs.add(job.id)
        return kept(transition, f"transition of job {transition.job_id!r}")

    def _check_new(self, task: Task, others: Collection[str]) -> None:
        if task.id in others or self._ledger.tasks.get(task.id):
            raise StoreError(
                f"A task with the id {task.id!r} exists already.", remedy="Give every attempt an id of its own."
            )

    async def cancel_jobs(self, job_ids: Collection[str], *, at: float, reason: str) -> Cancelled:
        """End jobs as cancelled."""
        slots = [slot for job_id in dict.fromkeys(job_ids) if (slot := self._ledger.jobs.get(job_id))]
        ended = [self._ledger.cancel(slot, at, reason) for slot in slots]
        return Cancelled(
            jobs=tuple(job_id for one in ended for job_id in one.jobs),
            tasks=tuple(copied(task) for one in ended for task in one.tasks),
        )

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
        return [copied(task) for task in self._ledger.tasks.claim(worker_id, skills, now, now + lease, limit, offer)]

    async def renew_tasks(self, worker_id: str, task_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong the leases of running tasks."""
        tasks = self._ledger.tasks
        held = [task for task_id in dict.fromkeys(task_ids) if (task := tasks.held_by(worker_id, task_id))]
        for task in held:
            tasks.renew(task, now + lease)
        return [task.id for task in held]

    async def release_task(self, worker_id: str, task_id: str) -> bool:
        """Put a running task back."""
        task = self._ledger.tasks.held_by(worker_id, task_id)
        if task:
            self._ledger.tasks.release(task)
        return task is not None

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Record the ends of attempts."""
        checked = self._checked_finishes(finishes)
        answers = []
        for finish in checked:
            slot, task = self._ledger.jobs.get(finish.job_id), self._ledger.tasks.get(finish.task_id)
            late = task is not None and is_overdue(task, finish.at)
            refused = refusal(slot.job if slot else None, task, finish, overdue=late)
            if refused or slot is None or task is None:
                answers.append(refused or FinishAnswer.STALE_TASK)
            else:
                answers.append(self._claimed(slot, self._ledger.end(slot, task, finish), claim))
        return answers

    def _claimed(self, slot: JobSlot, answer: FinishAnswer, claim: Claim | None) -> FinishAnswer:
        """The answer, once the job has been claimed if that can be done."""
        if claim is None or answer is not FinishAnswer.JOB_READY or slot.owner is not None:
            return answer
        self._ledger.jobs.hold(slot, claim.owner, claim.until)
        return FinishAnswer.JOB_CLAIMED

    def _checked_finishes(self, finishes: Sequence[TaskFinish]) -> list[TaskFinish]:
        """Private copies. Nothing is written before all that will be accepted have been found in order."""
        staged: dict[str, Task | None] = {}
        checked = []
        for finish in finishes:
            slot = self._ledger.jobs.get(finish.job_id)
            task = staged.get(finish.task_id) or self._ledger.tasks.get(finish.task_id)
            late = task is not None and is_overdue(task, finish.at)
            refused = finish.task_id in staged or refusal(slot.job if slot else None, task, finish, overdue=late)
            if refused or task is None:
                checked.append(finish)
                continue
            check_history(finish.history, finish.job_id)
            staged[finish.task_id] = None
            if finish.retry:
                check_task(finish.retry, task.job_id, task.step)
                self._check_new(finish.retry, staged)
                staged[finish.retry.id] = None
            checked.append(kept(finish, f"end of task {finish.task_id!r}"))
        return checked

    async def sweep(self, *, now: float, max_attempts: int, limit: int = 1000) -> Sweep:
        """Do what time demands."""
        return copied(self._ledger.tasks.sweep(now, max_attempts, limit))

    async def purge(self, statuses: Collection[JobStatus], *, before: float, limit: int = 1000) -> list[str]:
        """Delete jobs that ended long ago."""
        old = [
            job
            for job in self._ledger.jobs.newest()
            if job.status in statuses and job.status in TERMINAL and job.updated_at < before
        ]
        old.reverse()
        old.sort(key=lambda job: job.updated_at)
        ids = [job.id for job in old[: max(limit, 0)]]
        for job_id in ids:
            self._ledger.jobs.forget(job_id)
            self._ledger.tasks.forget(job_id)
        return ids
