"""What the end of a job does to others: the tasks and sub-jobs it waits for, and the job that waits for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

from sqlalchemy import Connection, bindparam, select, update

from fw_orchestrator.consistency import cancellation, end_of_sub_job
from fw_orchestrator.model import (
    TERMINAL,
    Cancelled,
    Claim,
    FinishAnswer,
    JobStatus,
    Task,
    TaskFinish,
    TaskKind,
    TaskOutcome,
    TaskStatus,
)
from fw_store_sql import endings
from fw_store_sql.queries import job, task
from fw_store_sql.rows import json_text, task_from
from fw_store_sql.tables import jobs, tasks
from fw_store_sql.writing import add_history

_OPEN = (
    select(tasks)
    .where(tasks.c.job_id == bindparam("job"), tasks.c.status != TaskStatus.DONE.value)
    .order_by(tasks.c.seq)
)
_DROP = (
    update(tasks)
    .where(tasks.c.job_id == bindparam("job"), tasks.c.status != TaskStatus.DONE.value)
    .values(
        status=TaskStatus.DONE.value,
        worker_id=None,
        lease_until=None,
        alarm=None,
        outcome=json_text(TaskOutcome(status="cancelled"), "cancellation", ""),
    )
)
_CANCEL = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        version=jobs.c.version + 1,
        updated_at=bindparam("at"),
        status=JobStatus.CANCELLED.value,
        ready=0,
        awaited=None,
        tasks_total=0,
        tasks_open=0,
        tasks_succeeded=0,
        owner=None,
        lease_until=None,
        held=0,
    )
)


def finish_all(
    connection: Connection, calls: Sequence[tuple[Sequence[TaskFinish], Claim | None]]
) -> list[list[FinishAnswer]]:
    """Record the ends of attempts that several calls tell; sub-jobs that took too long are cancelled."""
    if any(finish.overdue for finishes, _ in calls for finish in finishes):
        return [_finish(connection, finishes, claim) for finishes, claim in calls]
    answers, _ = endings.finish(connection, [(finish, claim) for finishes, claim in calls for finish in finishes])
    rest = iter(answers)
    return [list(islice(rest, len(finishes))) for finishes, _ in calls]


def _finish(connection: Connection, finishes: Sequence[TaskFinish], claim: Claim | None) -> list[FinishAnswer]:
    answers, abandoned = endings.finish(connection, [(finish, claim) for finish in finishes])
    if abandoned:
        cancel(connection, abandoned, finishes[0].at, "it took too long")
    return answers


def cancel(connection: Connection, job_ids: Collection[str], at: float, reason: str) -> Cancelled:
    """End jobs, with all that they wait for."""
    ended: list[str] = []
    running: list[Task] = []
    for job_id in dict.fromkeys(job_ids):
        found = job(connection, job_id)
        if found is None or found.status in TERMINAL:
            continue
        dropped = drop_open(connection, job_id, at, reason) if found.tasks_open else Cancelled()
        connection.execute(_CANCEL, {"job": job_id, "at": at})
        add_history(connection, [cancellation(found, at, reason)])
        if found.parent_id:
            tell_parent(connection, job_id, at)
        ended += [job_id, *dropped.jobs]
        running += dropped.tasks
    return Cancelled(jobs=tuple(ended), tasks=tuple(running))


def drop_open(connection: Connection, job_id: str, at: float, reason: str) -> Cancelled:
    """End the open tasks of a job; those that workers run, and what became of sub-jobs, come back."""
    open_tasks = [task_from(row) for row in connection.execute(_OPEN, {"job": job_id})]
    connection.execute(_DROP, {"job": job_id})
    ended: list[str] = []
    running: list[Task] = []
    for one in open_tasks:
        if one.kind is TaskKind.JOB and one.worker_id:
            below = cancel(connection, [one.worker_id], at, reason)
            ended += below.jobs
            running += below.tasks
        elif one.status is TaskStatus.RUNNING and one.kind is TaskKind.WORKER:
            running.append(one)
    return Cancelled(jobs=tuple(ended), tasks=tuple(running))


def tell_parent(connection: Connection, job_id: str, at: float) -> None:
    """Finish the task that a job, now at its end, is for the job that waits for it."""
    child = job(connection, job_id)
    if child is None or child.parent_id is None or child.parent_task is None:
        return
    parent, awaited = job(connection, child.parent_id), task(connection, child.parent_task)
    if parent is None or awaited is None or awaited.status is TaskStatus.DONE or awaited.step != parent.version:
        return
    endings.finish(connection, [(end_of_sub_job(child, parent, at), None)])
