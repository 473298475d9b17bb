"""The ends of attempts, each recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from fw_orchestrator.alarms import is_overdue
from fw_orchestrator.consistency import check_history, check_task, refusal
from fw_orchestrator.model import Awaited, FinishAnswer, TaskFinish, TaskKind, TaskStatus, is_settled
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import awaited_from, json_text, task_values
from fw_store_sql.tables import jobs, tasks
from fw_store_sql.writing import add_history, add_tasks

_JOBS = select(
    jobs.c.id, jobs.c.version, jobs.c.status, jobs.c.ready, jobs.c.tasks_open, jobs.c.tasks_succeeded, jobs.c.awaited
).where(among(jobs.c.id))
_TASKS = select(
    tasks.c.id,
    tasks.c.job_id,
    tasks.c.step,
    tasks.c.status,
    tasks.c.worker_id,
    tasks.c.lease_until,
    tasks.c.result_deadline,
    tasks.c.dispatch_deadline,
    tasks.c.kind,
).where(among(tasks.c.id))
_END = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(
        status=TaskStatus.DONE.value,
        worker_id=bindparam("holder"),
        lease_until=None,
        alarm=None,
        outcome=bindparam("came_of_it"),
    )
)
_COUNT = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        tasks_open=bindparam("still_open"),
        tasks_succeeded=bindparam("succeeded"),
        ready=bindparam("now_ready"),
        updated_at=bindparam("at"),
    )
)


@dataclass
class _Job:
    """What a finish needs to know of its job."""

    version: int
    status: str
    ready: bool
    tasks_open: int
    tasks_succeeded: int
    awaited: Awaited | None
    changed_at: float | None = None


@dataclass
class _Task:
    """What a finish needs to know of its task."""

    job_id: str
    step: int
    status: str
    worker_id: str | None
    lease_until: float | None = None
    result_deadline: float | None = None
    dispatch_deadline: float | None = None
    kind: str = TaskKind.WORKER


def _task(row: Row[Any]) -> _Task:
    return _Task(
        row.job_id,
        row.step,
        row.status,
        row.worker_id,
        row.lease_until,
        row.result_deadline,
        row.dispatch_deadline,
        row.kind,
    )


class _Batch:
    """The jobs and tasks that a batch names, as they become while it is worked through."""

    def __init__(self, connection: Connection, finishes: Sequence[TaskFinish]) -> None:
        self.jobs = {
            row.id: _Job(
                row.version, row.status, bool(row.ready), row.tasks_open, row.tasks_succeeded, awaited_from(row.awaited)
            )
            for row in rows(connection, _JOBS, [finish.job_id for finish in finishes])
        }
        self.abandoned: list[str] = []
        self.tasks = {row.id: _task(row) for row in rows(connection, _TASKS, [one.task_id for one in finishes])}

    def end(self, finish: TaskFinish) -> FinishAnswer:
        """Work one finish in; the answer says whether it was accepted."""
        job, task = self.jobs.get(finish.job_id), self.tasks.get(finish.task_id)
        refused = refusal(job, task, finish, overdue=task is not None and is_overdue(task, finish.at))
        if refused or job is None or task is None:
            return refused or FinishAnswer.STALE_TASK
        return self._accept(job, task, finish)

    def _accept(self, job: _Job, task: _Task, finish: TaskFinish) -> FinishAnswer:
        check_history(finish.history, finish.job_id)
        task.status = TaskStatus.DONE
        if finish.overdue:
            if task.kind == TaskKind.JOB and task.worker_id:
                self.abandoned.append(task.worker_id)
            task.worker_id = None
        if finish.retry:
            check_task(finish.retry, task.job_id, task.step)
            self.tasks[finish.retry.id] = _Task(task.job_id, task.step, finish.retry.status, None)
            return FinishAnswer.RETRIED
        job.tasks_open -= 1
        job.tasks_succeeded += finish.outcome.status == "success"
        settled = is_settled(job.awaited, job.tasks_open, job.tasks_succeeded)
        job.ready = job.ready or settled
        job.changed_at = finish.at
        return FinishAnswer.JOB_READY if settled else FinishAnswer.ACCEPTED

    def counts(self) -> list[dict[str, Any]]:
        """What changes in the jobs."""
        return [
            {
                "job": job_id,
                "still_open": job.tasks_open,
                "succeeded": job.tasks_succeeded,
                "now_ready": int(job.ready),
                "at": job.changed_at,
            }
            for job_id, job in self.jobs.items()
            if job.changed_at is not None
        ]

    def end_values(self, finish: TaskFinish) -> dict[str, Any]:
        """What changes in the task of an accepted finish."""
        outcome = json_text(finish.outcome, "outcome of task", finish.task_id)
        return {"task": finish.task_id, "holder": self.tasks[finish.task_id].worker_id, "came_of_it": outcome}


_ACCEPTED = frozenset({FinishAnswer.ACCEPTED, FinishAnswer.JOB_READY, FinishAnswer.RETRIED})


def finish(connection: Connection, finishes: Sequence[TaskFinish]) -> tuple[list[FinishAnswer], list[str]]:
    """Record the ends of attempts; say what became of each, and which sub-jobs nobody waits for any more."""
    batch = _Batch(connection, finishes)
    answers = [batch.end(finish) for finish in finishes]
    accepted = [finish for finish, answer in zip(finishes, answers, strict=True) if answer in _ACCEPTED]
    if accepted:
        connection.execute(_END, [batch.end_values(finish) for finish in accepted])
    if counts := batch.counts():
        connection.execute(_COUNT, counts)
    add_tasks(connection, [task_values(finish.retry) for finish in accepted if finish.retry])
    add_history(connection, [entry for finish in accepted for entry in finish.history])
    return answers, batch.abandoned
