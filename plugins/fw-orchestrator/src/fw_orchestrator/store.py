"""The port every job store implements, and nothing else.

The suite that an implementation must pass is :mod:`fw_orchestrator.store_contract`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from framework import FrameworkError
from fw_orchestrator.model import (
    Cancelled,
    Claim,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobCount,
    JobStatus,
    JsonObject,
    Sweep,
    Task,
    TaskFinish,
    Transition,
    WorkerRecord,
)


class StoreError(FrameworkError):
    """The store cannot be opened or has stopped working; the message says what to do."""


class JobStore(Protocol):
    """Durable state of all jobs. Any number of engines may share one store.

    Every method is atomic: when it raises, nothing was written; when it returns, everything is durable. One whose
    methods, but for ``news``, never wait may have ``is_prompt = True``: then no task is made for a step of a job.
    ``now`` is always the caller's clock, so that time can be simulated. A lease is held while ``now < lease_until``.
    """

    async def open(self) -> None:
        """Make the store usable (connect, create or check the schema). Raises :class:`StoreError`."""

    async def close(self) -> None:
        """Release everything. Closing twice is allowed."""

    async def news(self) -> None:
        """Return once somebody else, whom this process does not hear of otherwise, may have changed something.

        Waits for ever if there can be nobody else. Raises :class:`StoreError` when the store is closed.
        """

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Add new jobs; under which id each is kept, in order.

        That is its own, or that of the earlier job with the same ``key``: then nothing is added for it. Raises
        :class:`StoreError`, adding none, if an id exists. With ``claim`` those added are claimed, as by
        :meth:`claim_jobs`, in the same write: whoever creates a job can go on with it.
        """

    async def claim_jobs(
        self, owner: str, *, now: float, lease: float, limit: int, definitions: Collection[str] | None = None
    ) -> list[Job]:
        """Take up to ``limit`` ready jobs, the longest unchanged first (then the first created), that nobody holds.

        Only those with one of ``definitions``, if any are given.
        """

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Prolong the claims that ``owner`` still holds (expired or not, if nobody else took them).

        Their ids come back.
        """

    async def release_jobs(self, owner: str, job_ids: Collection[str]) -> None:
        """Give claims back unchanged, so that another engine can take the jobs at once."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Apply each transition that its fence admits; say which were applied, in order.

        A refused one changes nothing.
        """

    async def cancel_jobs(self, job_ids: Collection[str], *, at: float, reason: str) -> Cancelled:
        """End those jobs that have not ended, with their open tasks and sub-jobs, as ``cancelled``.

        Claims end. Each gets a line ``job_cancelled`` in its history. A job that waits for one of them is told.
        """

    async def claim_tasks(
        self,
        worker_id: str,
        skills: Collection[str],
        *,
        now: float,
        lease: float,
        limit: int = 1,
        offer: JsonObject | None = None,
    ) -> list[Task]:
        """Hand out queued tasks whose skill is in ``skills``: by priority, then first come, first served.

        Those that the worker's ``offer`` does not satisfy (see :func:`fw_orchestrator.matching.suits`) and those whose
        ``dispatch_deadline`` has passed are left.
        """

    async def renew_tasks(self, worker_id: str, task_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Let the leases of the running tasks that this worker holds end at ``now + lease``; their ids come back.

        Also where that is sooner: the clock may have been set back.
        """

    async def release_task(self, worker_id: str, task_id: str) -> bool:
        """Put a running task back into its queue, in its old place. False if this worker does not hold it."""

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Record the ends of attempts, each exactly once.

        Accepted if the task belongs to the job's current step and is running at that worker, its lease expired or
        not: then the outcome and the history are kept; without ``retry`` the job's ``tasks_open`` falls by one and once
        the step is settled (:func:`~fw_orchestrator.model.is_settled`) the job becomes ready (``JOB_READY``) and, if
        nobody holds it and there is a ``claim``, is claimed in the same write (``JOB_CLAIMED``); with ``retry`` that
        task is queued instead (``RETRIED``). The same finish again by the same worker is answered
        ``REPEATED`` and changes nothing. Refused, with the reason: ``JOB_NOT_FOUND``, ``JOB_CANCELLED``,
        ``JOB_TERMINATED``, ``STALE_TASK`` (unknown task, or not of this job or step), ``WORKER_MISMATCH`` (held or
        finished by another worker, or held by nobody). One that is ``overdue`` is accepted from anybody if the task's
        time is up, else answered ``NOT_OVERDUE``.
        """

    async def sweep(self, *, now: float, max_attempts: int, limit: int = 1000) -> Sweep:
        """Do what time demands: queue delayed tasks, put those of silent workers back, list what is overdue.

        A task whose lease has ended goes back to its old place with its ``attempt`` grown by one; at ``max_attempts``
        (or its own ``retries``) it is overdue. Overdue tasks are only listed, by every sweep until somebody ends them.
        """

    async def purge(self, statuses: Collection[JobStatus], *, before: float, limit: int = 1000) -> list[str]:
        """Delete jobs that ended with one of ``statuses`` and were last changed before ``before``, with all of theirs.

        Their ids, the longest ended first.
        """

    async def use_once(self, mark: str, *, now: float, until: float) -> float | None:
        """Note that something good for one use is used; when it was used before, or None: this is the first time.

        ``mark`` is forgotten at ``until``, so whatever it stands for must be refused from then on for another reason.
        """

    async def job(self, job_id: str) -> Job | None:
        """One job."""

    async def jobs(
        self,
        *,
        statuses: Collection[JobStatus] | None = None,
        blueprint: str | None = None,
        state: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """Jobs, the last created first; of any status if ``statuses`` is None."""

    async def counts(self) -> list[JobCount]:
        """How many jobs there are, by blueprint, definition, state and status, in that order."""

    async def task(self, task_id: str) -> Task | None:
        """One task."""

    async def tasks(self, job_id: str, *, step: int | None = None) -> list[Task]:
        """The tasks of a job, of all steps or of one, by step, number and attempt."""

    async def history(self, job_id: str) -> list[HistoryEntry]:
        """The history of a job, oldest entry first."""

    async def save_worker(self, worker: WorkerRecord) -> None:
        """Add or replace a worker."""

    async def touch_worker(self, worker_id: str, *, status: str, now: float) -> bool:
        """Note a sign of life. False if the worker is unknown."""

    async def worker(self, worker_id: str) -> WorkerRecord | None:
        """One worker."""

    async def workers(self, *, seen_since: float = 0.0) -> list[WorkerRecord]:
        """Workers seen at or after ``seen_since``, by id."""


def is_prompt(store: JobStore) -> bool:
    """Whether a store says that its methods never wait."""
    return getattr(store, "is_prompt", False) is True  # a proxy may have something for every name
