"""What came of tasks, and what that means for the job."""

from __future__ import annotations

from typing import Any, Final

from fw_orchestrator.consistency import SUB_JOB
from fw_orchestrator.model import (
    AwaitedApproval,
    AwaitedJob,
    AwaitedTask,
    Failure,
    JobStatus,
    Task,
    TaskOutcome,
)
from fw_rxon import ErrorCode, FailureKind, failure_kind

EVENT: Final = "event:"
"""What the status of an outcome begins with that an event of the worker brought about."""


def outcome_of(task: Task) -> TaskOutcome:
    """The outcome of a task that has ended."""
    return task.outcome or TaskOutcome("failure")


def shown(task: Task) -> dict[str, Any]:
    """A task as an aggregator sees it."""
    # One that has not ended was not needed any more.
    outcome = task.outcome or TaskOutcome("cancelled")
    error = outcome.error
    return {
        "status": outcome.status,
        "data": outcome.data,
        "error": {"code": error.code, "message": error.message, "details": error.details} if error else None,
        "params": task.params,
    }


def chosen(awaited: AwaitedTask | AwaitedApproval | AwaitedJob, outcome: TaskOutcome) -> str | None:
    """The state that an outcome leads to, if one is named for it."""
    if isinstance(awaited, AwaitedTask) and outcome.status.startswith(EVENT):
        return awaited.event_transitions.get(outcome.status.removeprefix(EVENT))
    return awaited.transitions.get(outcome.status)


def failed_for_good(outcome: TaskOutcome) -> tuple[JobStatus, Failure] | None:
    """How a failure ends the job; None if the outcome is none."""
    if outcome.status not in ("failure", "timeout"):
        return None
    failure = outcome.error or Failure(ErrorCode.TRANSIENT_ERROR, "The worker reported a failure without a word.")
    if SUB_JOB in failure.details:
        return JobStatus(failure.details[SUB_JOB]), failure
    wrong_input = failure_kind(failure.code) is FailureKind.INPUT
    return JobStatus.FAILED if wrong_input else JobStatus.QUARANTINED, failure
