"""Jobs, their history, and how many there are of each kind."""

from __future__ import annotations

from typing import Any

import msgspec

from fw_orchestrator.model.status import JobStatus
from fw_orchestrator.model.tasks import Awaited, Failure, JsonObject


class JobOptions(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What whoever created a job wants of it. Times in seconds; None leaves it to handlers and settings.

    ``allowed_skills`` are the only ones that its tasks may need. ``metadata`` is handed on to workers.
    """

    dispatch_timeout: float | None = None
    result_timeout: float | None = None
    max_transitions: int | None = None
    allowed_skills: tuple[str, ...] | None = None
    metadata: JsonObject = {}


NO_OPTIONS = JobOptions()


class Job(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One run of a blueprint.

    ``version`` grows by one with every transition and fences it. ``ready`` means that the engine has something to do
    for the job now. ``tasks_total``, ``tasks_open`` and ``tasks_succeeded`` count the tasks of the current step.
    ``key`` is the idempotency key: no two jobs have the same. ``parent_id`` and ``parent_task`` name the job that waits
    for this one, and the task that this one is for it.
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
    tasks_succeeded: int = 0
    result: Any = None
    error: Failure | None = None
    options: JobOptions = NO_OPTIONS
    key: str | None = None
    parent_id: str | None = None
    parent_task: str | None = None
    depth: int = 0


class HistoryEntry(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One line of a job's history. The store keeps the order in which entries were written."""

    job_id: str
    at: float
    event: str
    state: str
    detail: JsonObject = {}


class JobCount(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``number`` jobs have this blueprint, definition, state and status."""

    blueprint: str
    definition: str
    state: str
    status: JobStatus
    number: int
