"""Why a result changed nothing."""

from enum import StrEnum


class IgnoredReason(StrEnum):
    """The words of `ResultAnswer.reason`."""

    JOB_NOT_FOUND = "job_not_found"
    WORKER_MISMATCH = "worker_mismatch"
    STALE_TASK = "stale_task"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    JOB_CANCELLED = "job_cancelled"
    JOB_ALREADY_TERMINATED = "job_already_terminated"
    MIDDLEWARE_ERROR = "middleware_error"
