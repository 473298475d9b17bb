"""What the engine keeps: jobs, tasks, workers, history, and the one kind of change a job can undergo.

All times are wall-clock Unix seconds as ``float``; all mappings hold JSON values only. Every class is immutable:
a store gives copies, and the only ways to change what it holds are the methods of
:class:`~fw_orchestrator.store.JobStore`.
"""

from __future__ import annotations

from fw_orchestrator.model.changes import Cancelled, Claim, Sweep, TaskFinish, Transition, WorkerRecord
from fw_orchestrator.model.jobs import NO_OPTIONS, HistoryEntry, Job, JobCount, JobOptions
from fw_orchestrator.model.status import TERMINAL, FinishAnswer, JobStatus, TaskKind, TaskStatus
from fw_orchestrator.model.tasks import (
    Awaited,
    AwaitedApproval,
    AwaitedFanOut,
    AwaitedJob,
    AwaitedTask,
    Failure,
    JsonObject,
    Task,
    TaskOutcome,
    is_settled,
)

__all__ = [
    "NO_OPTIONS",
    "TERMINAL",
    "Awaited",
    "AwaitedApproval",
    "AwaitedFanOut",
    "AwaitedJob",
    "AwaitedTask",
    "Cancelled",
    "Claim",
    "Failure",
    "FinishAnswer",
    "HistoryEntry",
    "Job",
    "JobCount",
    "JobOptions",
    "JobStatus",
    "JsonObject",
    "Sweep",
    "Task",
    "TaskFinish",
    "TaskKind",
    "TaskOutcome",
    "TaskStatus",
    "Transition",
    "WorkerRecord",
    "is_settled",
]
