"""What belongs together: checks that every store makes before it writes."""

from __future__ import annotations

from collections.abc import Iterable

from fw_orchestrator.model import TERMINAL, HistoryEntry, JobStatus, Task, TaskStatus
from fw_orchestrator.store import StoreError


def check_ready(job_id: str, status: JobStatus, ready: bool) -> None:
    """Raise :class:`StoreError` if a job at its end is said to be ready."""
    if ready and status in TERMINAL:
        raise StoreError(
            f"Job {job_id!r} cannot be ready and {status.value}.", remedy="Write a terminal status with ready=False."
        )


def check_task(task: Task, job_id: str, step: int) -> None:
    """Raise :class:`StoreError` unless the task is a queued one of that step of that job."""
    if task.job_id != job_id or task.step != step or task.status is not TaskStatus.QUEUED:
        raise StoreError(
            f"Task {task.id!r} ({task.status.value}, step {task.step} of job {task.job_id!r}) cannot be queued in "
            f"step {step} of job {job_id!r}.",
            remedy="A task is dispatched queued, with the id of its job and the version that its transition creates.",
        )


def check_history(entries: Iterable[HistoryEntry], job_id: str) -> None:
    """Raise :class:`StoreError` if an entry belongs to another job."""
    for entry in entries:
        if entry.job_id != job_id:
            raise StoreError(
                f"A history entry ({entry.event!r}) of job {entry.job_id!r} was given with job {job_id!r}."
            )
