"""`Ledger`: jobs and tasks together, and what the end of one does to others."""

from __future__ import annotations

from msgspec.structs import replace

from fw_orchestrator.consistency import begin_of_sub_job, cancellation, end_of_sub_job
from fw_orchestrator.memory.jobs import JobSlot, JobTable
from fw_orchestrator.memory.tasks import TaskTable
from fw_orchestrator.model import (
    TERMINAL,
    Cancelled,
    FinishAnswer,
    Job,
    JobStatus,
    Task,
    TaskFinish,
    TaskKind,
    TaskOutcome,
    TaskStatus,
    Transition,
    is_settled,
)


class Ledger:
    """Applies changes that have been checked."""

    def __init__(self) -> None:
        self.jobs = JobTable()
        self.tasks = TaskTable()

    def apply(self, slot: JobSlot, change: Transition) -> None:
        """Make a transition."""
        self._drop_open(slot.job, change.at, "its parent went on")
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
            tasks_succeeded=0,
        )
        slot.history.extend(change.history)
        if change.keep_claim:
            self.jobs.change(slot, slot.job)
        else:
            self.jobs.hold(slot, None, None)
        for task in change.tasks:
            self.tasks.add(task)
        for job in change.jobs:
            self.jobs.add(job).history.append(begin_of_sub_job(job, change.at))
        if change.status in TERMINAL:
            self._tell_parent(slot.job, change.at)

    def cancel(self, slot: JobSlot, at: float, reason: str) -> Cancelled:
        """End a job and all that it waits for."""
        if slot.job.status in TERMINAL:
            return Cancelled()
        job = slot.job
        dropped = self._drop_open(job, at, reason)
        slot.history.append(cancellation(job, at, reason))
        slot.job = replace(
            job,
            version=job.version + 1,
            updated_at=at,
            status=JobStatus.CANCELLED,
            ready=False,
            awaited=None,
            tasks_total=0,
            tasks_open=0,
            tasks_succeeded=0,
        )
        self.jobs.hold(slot, None, None)
        self._tell_parent(slot.job, at)
        return Cancelled(jobs=(job.id, *dropped.jobs), tasks=dropped.tasks)

    def _drop_open(self, job: Job, at: float, reason: str) -> Cancelled:
        """End the open tasks of a job; those that workers run, and what became of sub-jobs, come back."""
        if not job.tasks_open:
            return Cancelled()
        jobs: list[str] = []
        running: list[Task] = []
        for task in self.tasks.of_job(job.id):
            if task.status is TaskStatus.DONE:
                continue
            self.tasks.end(replace(task, worker_id=None), TaskOutcome(status="cancelled"))
            child = self.jobs.get(task.worker_id or "") if task.kind is TaskKind.JOB else None
            if child is not None:
                below = self.cancel(child, at, reason)
                jobs += below.jobs
                running += below.tasks
            elif task.status is TaskStatus.RUNNING and task.kind is TaskKind.WORKER:
                running.append(task)
        return Cancelled(jobs=tuple(jobs), tasks=tuple(running))

    def _tell_parent(self, job: Job, at: float) -> None:
        parent = self.jobs.get(job.parent_id or "")
        task = self.tasks.get(job.parent_task or "")
        if parent is None or task is None or task.status is TaskStatus.DONE or task.step != parent.job.version:
            return
        self.end(parent, task, end_of_sub_job(job, parent.job, at))

    def end(self, slot: JobSlot, task: Task, finish: TaskFinish) -> FinishAnswer:
        """Record the end of an attempt."""
        holder = None if finish.overdue else task.worker_id
        self.tasks.end(replace(task, worker_id=holder), finish.outcome)
        slot.history.extend(finish.history)
        child = self.jobs.get(task.worker_id or "") if finish.overdue and task.kind is TaskKind.JOB else None
        if child is not None:
            self.cancel(child, finish.at, "it took too long")
        if finish.retry:
            self.tasks.add(finish.retry)
            return FinishAnswer.RETRIED
        still_open = slot.job.tasks_open - 1
        succeeded = slot.job.tasks_succeeded + (finish.outcome.status == "success")
        settled = is_settled(slot.job.awaited, still_open, succeeded)
        job = replace(
            slot.job,
            tasks_open=still_open,
            tasks_succeeded=succeeded,
            updated_at=finish.at,
            ready=slot.job.ready or settled,
        )
        self.jobs.change(slot, job)
        return FinishAnswer.JOB_READY if settled else FinishAnswer.ACCEPTED
