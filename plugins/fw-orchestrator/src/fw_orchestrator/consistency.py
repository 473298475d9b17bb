"""What belongs together: rules that every store goes by before and while it writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from msgspec.structs import replace

from fw_orchestrator.model import (
    TERMINAL,
    Failure,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobStatus,
    JsonObject,
    Task,
    TaskFinish,
    TaskKind,
    TaskOutcome,
    TaskStatus,
    Transition,
)
from fw_orchestrator.store import StoreError

SUB_JOB: Final = "sub_job_status"
"""The detail of a failure that says how a sub-job ended."""


def check_ready(job_id: str, status: JobStatus, ready: bool) -> None:
    """Raise :class:`StoreError` if a job at its end is said to be ready."""
    if ready and status in TERMINAL:
        raise StoreError(
            f"Job {job_id!r} cannot be ready and {status.value}.", remedy="Write a terminal status with ready=False."
        )


def check_task(task: Task, job_id: str, step: int) -> None:
    """Raise :class:`StoreError` unless the task is a new one of that step of that job."""
    waits = task.status in (TaskStatus.QUEUED, TaskStatus.DELAYED) and task.worker_id is None
    begun = task.status is TaskStatus.RUNNING and task.worker_id is not None
    leased = begun and task.lease_until is not None
    fits = waits or leased if task.kind is TaskKind.WORKER else begun
    if task.job_id != job_id or task.step != step or not fits:
        raise StoreError(
            f"Task {task.id!r} ({task.kind.value}, {task.status.value}, step {task.step} of job {task.job_id!r}) "
            f"cannot be dispatched in step {step} of job {job_id!r}.",
            remedy="A task has the id of its job and the version that its transition creates; one for a worker is "
            "queued, delayed, or running at its worker_id under a lease; any other is in the hands of its worker_id.",
        )


def check_history(entries: Iterable[HistoryEntry], job_id: str) -> None:
    """Raise :class:`StoreError` if an entry belongs to another job."""
    for entry in entries:
        if entry.job_id != job_id:
            raise StoreError(
                f"A history entry ({entry.event!r}) of job {entry.job_id!r} was given with job {job_id!r}."
            )


def check_transition(transition: Transition) -> None:
    """Raise :class:`StoreError` unless the parts of a transition fit together."""
    check_ready(transition.job_id, transition.status, transition.ready)
    check_history(transition.history, transition.job_id)
    for task in transition.tasks:
        check_task(task, transition.job_id, transition.expected_version + 1)
    held = {task.id: task.worker_id for task in transition.tasks if task.kind is TaskKind.JOB}
    for job in transition.jobs:
        if job.parent_id != transition.job_id or held.get(job.parent_task or "") != job.id:
            raise StoreError(
                f"Job {job.id!r} is no sub-job of job {transition.job_id!r} in this step.",
                remedy="Give it parent_id and parent_task, and that task its id as worker_id.",
            )


class JobFacts(Protocol):
    """What a finish must know of its job."""

    @property
    def version(self) -> int: ...
    @property
    def status(self) -> str: ...


class TaskFacts(Protocol):
    """What a finish must know of its task."""

    @property
    def job_id(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def worker_id(self) -> str | None: ...


def refusal(  # noqa: PLR0911 - one return for each reason
    job: JobFacts | None, task: TaskFacts | None, finish: TaskFinish, *, overdue: bool
) -> FinishAnswer | None:
    """Why a finish changes nothing; None if it is to be recorded. ``overdue``: the task's time is up."""
    if job is None:
        return FinishAnswer.JOB_NOT_FOUND
    if task is not None and task.job_id != finish.job_id:
        task = None
    done = task is not None and task.status == TaskStatus.DONE
    if task is not None and done and task.worker_id == finish.worker_id and not finish.overdue:
        return FinishAnswer.REPEATED
    if job.status in TERMINAL:
        return FinishAnswer.JOB_CANCELLED if job.status == JobStatus.CANCELLED else FinishAnswer.JOB_TERMINATED
    if task is None or task.step != job.version:
        return FinishAnswer.STALE_TASK
    if finish.overdue:
        return None if overdue else FinishAnswer.NOT_OVERDUE
    if task.status != TaskStatus.RUNNING or task.worker_id != finish.worker_id:
        return FinishAnswer.WORKER_MISMATCH
    return None


def sub_job_outcome(status: JobStatus, result: object, error: Failure | None) -> TaskOutcome:
    """What the end of a sub-job is for the job that waits for it."""
    match status:
        case JobStatus.FINISHED:
            data: JsonObject = result if isinstance(result, dict) else {"result": result}
            return TaskOutcome("success", data)
        case JobStatus.CANCELLED:
            return TaskOutcome("cancelled", {}, Failure("PERMANENT_ERROR", "The sub-job was cancelled."))
    why = error or Failure("INTERNAL_ERROR", "The sub-job failed.")
    return TaskOutcome("failure", {}, replace(why, details={**why.details, SUB_JOB: status.value}))


def end_of_sub_job(child: Job, parent: Job, at: float) -> TaskFinish:
    """What the end of a sub-job does to the task that it is for its parent."""
    detail: JsonObject = {"job_id": child.id, "status": child.status.value}
    entry = HistoryEntry(job_id=parent.id, at=at, event="sub_job_ended", state=parent.state, detail=detail)
    return TaskFinish(
        job_id=parent.id,
        task_id=child.parent_task or "",
        worker_id=child.id,
        at=at,
        outcome=sub_job_outcome(child.status, child.result, child.error),
        history=(entry,),
    )


def begin_of_sub_job(child: Job, at: float) -> HistoryEntry:
    """The first line in the history of a sub-job."""
    detail: JsonObject = {"blueprint": child.blueprint, "parent": child.parent_id}
    return HistoryEntry(job_id=child.id, at=at, event="job_created", state=child.state, detail=detail)


def cancellation(job: Job, at: float, reason: str) -> HistoryEntry:
    """The last line in the history of a job that was cancelled."""
    return HistoryEntry(job_id=job.id, at=at, event="job_cancelled", state=job.state, detail={"reason": reason})
