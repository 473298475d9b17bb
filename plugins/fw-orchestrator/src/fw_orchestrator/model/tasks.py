"""Tasks: what somebody else does for a job."""

from __future__ import annotations

from typing import Any

import msgspec

from fw_orchestrator.model.status import TaskKind, TaskStatus

JsonObject = dict[str, Any]


class Failure(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why a task or a job failed: a code of the worker protocol and a sentence for a person."""

    code: str
    message: str
    details: JsonObject = {}


class TaskOutcome(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What came of a task. ``status`` is ``success``, ``failure``, ``cancelled`` or a word of the worker's own."""

    status: str
    data: JsonObject = {}
    error: Failure | None = None


class Task(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One piece of work for one worker, person or other job.

    ``step`` is the version the job had when the task was dispatched: a task of another step is stale.
    ``number`` is its place among the tasks of that step, kept by every retry; ``attempt`` counts from 1, and
    ``retries`` is how many more there may be (None: as many as the engine is set to allow).

    A delayed task is queued by the first sweep at or after ``not_before``. ``dispatch_deadline`` is when nobody need
    take it any more; ``result_timeout`` seconds after it is taken comes ``result_deadline``. ``requirements`` are what
    a worker must offer beyond the skill. A task of a person or job is in its hands from the beginning: it has no lease,
    and ``worker_id`` is ``"human"`` or the other job's id.
    """

    id: str
    job_id: str
    step: int
    number: int
    skill: str
    params: JsonObject
    enqueued_at: float
    kind: TaskKind = TaskKind.WORKER
    priority: int = 0
    attempt: int = 1
    retries: int | None = None
    status: TaskStatus = TaskStatus.QUEUED
    not_before: float | None = None
    dispatch_timeout: float | None = None
    dispatch_deadline: float | None = None
    result_timeout: float | None = None
    result_deadline: float | None = None
    requirements: JsonObject = {}
    worker_id: str | None = None
    started_at: float | None = None
    lease_until: float | None = None
    outcome: TaskOutcome | None = None


class AwaitedTask(msgspec.Struct, frozen=True, gc=False, tag="task", omit_defaults=True):
    """The job waits for one task; its outcome's status chooses the next state.

    ``event_transitions`` are for events that the worker sends while it runs.
    """

    transitions: dict[str, str]
    event_transitions: dict[str, str] = {}


class AwaitedFanOut(msgspec.Struct, frozen=True, gc=False, tag="fan_out", omit_defaults=True):
    """The job waits for the tasks of its step; then ``aggregate_into`` runs if at least ``require`` succeeded.

    Without ``wait_for_all`` it waits only until that is certain or impossible.
    """

    aggregate_into: str
    require: int
    wait_for_all: bool = True


class AwaitedApproval(msgspec.Struct, frozen=True, gc=False, tag="approval", omit_defaults=True):
    """The job waits for a person; the decision chooses the next state."""

    transitions: dict[str, str]
    integration: str = ""
    message: str = ""


class AwaitedJob(msgspec.Struct, frozen=True, gc=False, tag="job", omit_defaults=True):
    """The job waits for another one; its end (``success``, ``failure``, ``cancelled``) chooses the next state."""

    transitions: dict[str, str]


Awaited = AwaitedTask | AwaitedFanOut | AwaitedApproval | AwaitedJob


def is_settled(awaited: Awaited | None, still_open: int, succeeded: int) -> bool:
    """Whether a step need wait no longer: all its tasks have ended, or the rest cannot change anything."""
    if not still_open:
        return True
    if not isinstance(awaited, AwaitedFanOut) or awaited.wait_for_all:
        return False
    return succeeded >= awaited.require or succeeded + still_open < awaited.require
