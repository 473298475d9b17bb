"""The words for where a job or a task stands."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class JobStatus(StrEnum):
    """Where a job stands; the words are those of the worker protocol's client API."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING_FOR_WORKER = "waiting_for_worker"
    WAITING_FOR_PARALLEL_TASKS = "waiting_for_parallel_tasks"
    WAITING_FOR_HUMAN = "waiting_for_human"
    WAITING_FOR_SUB_JOB = "waiting_for_sub_job"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"


TERMINAL: Final = frozenset({JobStatus.FINISHED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.QUARANTINED})
"""Nothing happens any more; only an operator can take a quarantined job up again."""


class TaskKind(StrEnum):
    """Who does a task: a worker that asks for it, a person who decides, or another job."""

    WORKER = "worker"
    HUMAN = "human"
    JOB = "job"


class TaskStatus(StrEnum):
    """A task waits for its time, waits in its skill's queue, is in somebody's hands, or has its final outcome."""

    DELAYED = "delayed"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class FinishAnswer(StrEnum):
    """What the store did with a :class:`TaskFinish`. Most refusals are reasons of the worker protocol."""

    ACCEPTED = "accepted"
    JOB_READY = "job_ready"
    JOB_CLAIMED = "job_claimed"
    RETRIED = "retried"
    REPEATED = "repeated"
    JOB_NOT_FOUND = "job_not_found"
    STALE_TASK = "stale_task"
    WORKER_MISMATCH = "worker_mismatch"
    JOB_CANCELLED = "job_cancelled"
    JOB_TERMINATED = "job_already_terminated"
    NOT_OVERDUE = "not_overdue"
