"""What the engine keeps: jobs, tasks, workers, history, and the one kind of change a job can undergo.

All times are wall-clock Unix seconds as ``float``; all mappings hold JSON values only. Every class is immutable:
a store gives copies, and the only ways to change what it holds are the methods of
:class:`~fw_orchestrator.store.JobStore`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec

JsonObject = dict[str, Any]


class JobStatus(StrEnum):
    """Where a job stands; the words are those of the worker protocol's client API."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING_FOR_WORKER = "waiting_for_worker"
    WAITING_FOR_PARALLEL_TASKS = "waiting_for_parallel_tasks"
    FINISHED = "finished"
    FAILED = "failed"
    QUARANTINED = "quarantined"


TERMINAL: Final = frozenset({JobStatus.FINISHED, JobStatus.FAILED, JobStatus.QUARANTINED})


class TaskStatus(StrEnum):
    """A task waits in its skill's queue, is held by one worker under a lease, or has its final outcome."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a task or a job failed: a code of the worker protocol and a sentence for a person."""

    code: str
    message: str
    details: JsonObject = {}


class TaskOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a task. ``status`` is ``success``, ``failure``, ``cancelled`` or a word of the worker's own."""

    status: str
    data: JsonObject = {}
    error: Failure | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work for one worker.

    ``step`` is the version the job had when the task was dispatched: a task of another step is stale.
    ``number`` is its place among the tasks of that step, kept by every retry; ``attempt`` counts from 1.
    """

    id: str
    job_id: str
    step: int
    number: int
    skill: str
    params: JsonObject
    enqueued_at: float
    priority: int = 0
    attempt: int = 1
    status: TaskStatus = TaskStatus.QUEUED
    worker_id: str | None = None
    started_at: float | None = None
    lease_until: float | None = None
    outcome: TaskOutcome | None = None


class AwaitedTask(msgspec.Struct, frozen=True, tag="task"):
    """The job waits for one task; its outcome's status chooses the next state."""

    transitions: dict[str, str]


class AwaitedFanOut(msgspec.Struct, frozen=True, tag="fan_out"):
    """The job waits for all tasks of its step; then ``aggregate_into`` runs if at least ``require`` succeeded."""

    aggregate_into: str
    require: int


Awaited = AwaitedTask | AwaitedFanOut


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a blueprint.

    ``version`` grows by one with every transition and fences it. ``ready`` means that the engine has something to do
    for the job now. ``tasks_total`` and ``tasks_open`` count the tasks of the current step.
    """

    id: str
    blueprint: str
    definition: str
    state: str
    created_at: float
    updated_at: float
    status: JobStatus = JobStatus.PENDING
    version: int = 0
    ready: bool = True
    initial_data: JsonObject = {}
    state_history: JsonObject = {}
    awaited: Awaited | None = None
    tasks_total: int = 0
    tasks_open: int = 0
    result: Any = None
    error: Failure | None = None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a job's history. The store keeps the order in which entries were written."""

    job_id: str
    at: float
    event: str
    state: str
    detail: JsonObject = {}


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One fenced change of one job, written whole or not at all.

    It is accepted if the job still has ``expected_version``, is claimed by ``owner`` and is not terminal. Acceptance
    sets ``version`` to ``expected_version + 1``, ends the claim, replaces all other members, and puts ``tasks``
    (whose ``step`` is that new version) into their queues; ``tasks_total`` and ``tasks_open`` become their number.
    Open tasks of the former step end as ``cancelled``, held by nobody. A terminal job cannot be ``ready``.
    """

    job_id: str
    owner: str
    expected_version: int
    at: float
    state: str
    status: JobStatus
    ready: bool
    state_history: JsonObject
    awaited: Awaited | None = None
    result: Any = None
    error: Failure | None = None
    tasks: tuple[Task, ...] = ()
    history: tuple[HistoryEntry, ...] = ()


class TaskFinish(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one attempt: its outcome and, if it is to be tried again, the task that takes its place."""

    job_id: str
    task_id: str
    worker_id: str
    at: float
    outcome: TaskOutcome
    retry: Task | None = None
    history: tuple[HistoryEntry, ...] = ()


class FinishAnswer(StrEnum):
    """What the store did with a :class:`TaskFinish`. The refusals are reasons of the worker protocol."""

    ACCEPTED = "accepted"
    JOB_READY = "job_ready"
    RETRIED = "retried"
    REPEATED = "repeated"
    JOB_NOT_FOUND = "job_not_found"
    STALE_TASK = "stale_task"
    WORKER_MISMATCH = "worker_mismatch"
    JOB_TERMINATED = "job_already_terminated"


class WorkerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A registered worker: its registration as it was sent, its last reported status, and when it was last seen."""

    id: str
    registration: JsonObject
    status: str
    seen_at: float
