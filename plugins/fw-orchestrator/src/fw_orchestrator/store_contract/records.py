"""Records for tests: everything has a default that the test at hand need not care about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fw_orchestrator.model import (
    FinishAnswer,
    HistoryEntry,
    Job,
    JobStatus,
    Task,
    TaskFinish,
    TaskOutcome,
    Transition,
)
from fw_orchestrator.store import JobStore

LEASE = 30.0


Members = dict[str, Any]


def a_job(job_id: str = "j", at: float = 1.0, **members: Any) -> Job:
    """A new job, ready for its first handler."""
    fixed: Members = {"id": job_id, "created_at": at, "updated_at": at}
    return Job(**({"blueprint": "b", "definition": "d", "state": "s"} | fixed | members))


def a_task(task_id: str, number: int = 0, *, job_id: str = "j", step: int = 1, **members: Any) -> Task:
    """A task as a transition queues it."""
    fixed: Members = {"id": task_id, "job_id": job_id, "step": step, "number": number, "enqueued_at": 1.0}
    return Task(**({"skill": "resize", "params": {}} | fixed | members))


def a_transition(job_id: str = "j", version: int = 0, *, owner: str = "e1", **members: Any) -> Transition:
    """A transition to the next state, ready for its handler."""
    fixed: Members = {"job_id": job_id, "owner": owner, "expected_version": version, "at": 2.0, "state": "next"}
    return Transition(**(fixed | {"status": JobStatus.RUNNING, "ready": True, "state_history": {}} | members))


def an_entry(event: str, job_id: str = "j", **members: Any) -> HistoryEntry:
    """A history entry."""
    fixed: Members = {"job_id": job_id, "event": event, "at": 1.0, "state": "s"}
    return HistoryEntry(**(fixed | members))


def a_finish(task_id: str, worker_id: str = "w1", **members: Any) -> TaskFinish:
    """A successful end of a task of job ``j``."""
    fixed: Members = {"job_id": "j", "task_id": task_id, "worker_id": worker_id, "at": 5.0}
    return TaskFinish(**(fixed | {"outcome": TaskOutcome(status="success")} | members))


async def claim(store: JobStore, owner: str = "e1", *, now: float = 1.0, limit: int = 100) -> list[str]:
    """The ids of the jobs that a claim gives, in order."""
    return [job.id for job in await store.claim_jobs(owner, now=now, lease=LEASE, limit=limit)]


async def dispatched(store: JobStore, *tasks: Task, job_id: str = "j") -> None:
    """Create a job that has just dispatched these tasks."""
    await store.create([a_job(job_id)])
    assert await claim(store, "dispatcher") == [job_id]  # noqa: S101  (a test's premise)
    await moved(store, job_id, 0, tasks)


async def moved(store: JobStore, job_id: str, version: int, tasks: Sequence[Task], **members: Any) -> None:
    """Take a job, already claimed by ``dispatcher``, one step further."""
    members = {"status": JobStatus.WAITING_FOR_WORKER, "ready": False} | members
    step = a_transition(job_id, version, owner="dispatcher", tasks=tuple(tasks), **members)
    assert await store.commit([step]) == [True]  # noqa: S101  (a test's premise)


async def take(store: JobStore, worker: str = "w1", *skills: str, now: float = 2.0) -> str | None:
    """The id of the task that a claim gives."""
    tasks = await store.claim_tasks(worker, skills or ("resize",), now=now, lease=LEASE)
    return tasks[0].id if tasks else None


async def lost(store: JobStore, now: float, *, max_attempts: int = 99) -> list[str]:
    """The tasks that a sweep finds abandoned by their workers."""
    swept = await store.sweep(now=now, max_attempts=max_attempts)
    return [task.id for task in swept.queued if task.id in swept.lost]


async def end(store: JobStore, finish: TaskFinish) -> FinishAnswer:
    """The answer to one finish."""
    (answer,) = await store.finish_tasks([finish])
    return answer
