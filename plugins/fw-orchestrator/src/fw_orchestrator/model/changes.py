"""The kinds of change that a store accepts, and what it answers."""

from __future__ import annotations

from typing import Any

import msgspec

from fw_orchestrator.model.jobs import HistoryEntry, Job
from fw_orchestrator.model.status import JobStatus
from fw_orchestrator.model.tasks import Awaited, Failure, JsonObject, Task, TaskOutcome


class Transition(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One fenced change of one job, written whole or not at all.

    It is accepted if the job still has ``expected_version``, is claimed by ``owner`` and is not terminal; one that
    ``resumes`` if it has that version and is quarantined, whoever sends it. Acceptance sets ``version`` to
    ``expected_version + 1``, ends the claim (unless ``keep_claim``), replaces all other members, puts ``tasks`` (whose
    ``step`` is that new version) into their queues, or into the hands of the worker that they come with, and creates
    ``jobs``; ``tasks_total`` and ``tasks_open`` become the number of ``tasks``. Open tasks of the former step end as
    ``cancelled``, held by nobody; jobs that these were are cancelled, with the jobs and tasks those wait for. A
    terminal job cannot be ``ready``. If it is somebody's sub-job, its end finishes the task that it is.
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
    jobs: tuple[Job, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    keep_claim: bool = False
    resumes: bool = False


class TaskFinish(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The end of one attempt: its outcome and, if it is to be tried again, the task that takes its place.

    ``overdue``: not the worker says so but its time is up (see :func:`is_overdue`) at ``at``; nobody holds it then.
    """

    job_id: str
    task_id: str
    worker_id: str
    at: float
    outcome: TaskOutcome
    retry: Task | None = None
    history: tuple[HistoryEntry, ...] = ()
    overdue: bool = False


class Claim(msgspec.Struct, frozen=True, gc=False):
    """Whose engine jobs are at once that are new or become ready, and until when."""

    owner: str
    until: float


class Cancelled(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a cancellation ended: jobs (sub-jobs too), and the tasks that workers were running for them."""

    jobs: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()


class Sweep(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What time has brought about.

    ``queued``: tasks that may be claimed now, because their delay is over or their worker fell silent (``lost`` says
    which those are). ``overdue``: tasks that the engine must end. ``next_at``: when there will be something again.
    """

    queued: tuple[Task, ...] = ()
    lost: frozenset[str] = frozenset()
    overdue: tuple[Task, ...] = ()
    next_at: float | None = None


class WorkerRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A registered worker: its registration as it was sent, its last reported status, and when it was last seen."""

    id: str
    registration: JsonObject
    status: str
    seen_at: float
