"""What time does to a task: the rules every store goes by."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from fw_orchestrator.model import Task, TaskStatus


class Verdict(Enum):
    """What a sweep does with a task whose alarm has gone off."""

    QUEUE = "queue"
    LOST = "lost"
    OVERDUE = "overdue"


class Timed(Protocol):
    """What time needs to know of a task."""

    @property
    def status(self) -> str: ...
    @property
    def lease_until(self) -> float | None: ...
    @property
    def result_deadline(self) -> float | None: ...
    @property
    def dispatch_deadline(self) -> float | None: ...


def alarm(task: Task) -> float | None:
    """The next moment at which time changes something for a task."""
    match task.status:
        case TaskStatus.DELAYED:
            times = (task.not_before, task.dispatch_deadline)
        case TaskStatus.QUEUED:
            times = (task.dispatch_deadline, None)
        case TaskStatus.RUNNING:
            times = (task.lease_until, task.result_deadline)
        case _:
            times = (None, None)
    return min((time for time in times if time is not None), default=None)


def is_overdue(task: Timed, now: float) -> bool:
    """Whether an attempt may be ended for it: nobody took it in time, or its worker is late or silent."""
    if task.status == TaskStatus.RUNNING:
        return _past(task.result_deadline, now) or _past(task.lease_until, now)
    return task.status != TaskStatus.DONE and _past(task.dispatch_deadline, now)


def verdict(task: Task, now: float, max_attempts: int) -> Verdict:
    """What is to become of a task whose alarm has gone off."""
    if task.status is TaskStatus.RUNNING:
        most = max_attempts if task.retries is None else task.retries + 1
        silent = _past(task.lease_until, now) and not _past(task.result_deadline, now)
        return Verdict.LOST if silent and task.attempt < most else Verdict.OVERDUE
    return Verdict.OVERDUE if _past(task.dispatch_deadline, now) else Verdict.QUEUE


def _past(time: float | None, now: float) -> bool:
    return time is not None and time <= now
