"""The ends of attempts, each recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from fw_orchestrator.consistency import check_history, check_task
from fw_orchestrator.model import TERMINAL, FinishAnswer, TaskFinish, TaskStatus
from fw_store_sql.changes import add_history, add_tasks
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import Values, json_text, task_values
from fw_store_sql.tables import jobs, tasks

_JOBS = select(jobs.c.id, jobs.c.version, jobs.c.status, jobs.c.ready, jobs.c.tasks_open).where(among(jobs.c.id))
_TASKS = select(tasks.c.id, tasks.c.job_id, tasks.c.step, tasks.c.status, tasks.c.worker_id).where(among(tasks.c.id))
_END = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(status=TaskStatus.DONE.value, lease_until=None, outcome=bindparam("came_of_it"))
)
_COUNT = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(tasks_open=bindparam("still_open"), ready=bindparam("now_ready"), updated_at=bindparam("at"))
)


@dataclass
class _Job:
    """What a finish needs to know of its job."""

    version: int
    status: str
    ready: bool
    tasks_open: int
    changed_at: float | None = None


@dataclass
class _Task:
    """What a finish needs to know of its task."""

    job_id: str
    step: int
    status: str
    worker_id: str | None


class _Batch:
    """The jobs and tasks that a batch names, as they become while it is worked through."""

    def __init__(self, connection: Connection, finishes: Sequence[TaskFinish]) -> None:
        self.jobs = {
            row.id: _Job(row.version, row.status, bool(row.ready), row.tasks_open)
            for row in rows(connection, _JOBS, [finish.job_id for finish in finishes])
        }
        self.tasks = {
            row.id: _Task(row.job_id, row.step, row.status, row.worker_id)
            for row in rows(connection, _TASKS, [finish.task_id for finish in finishes])
        }

    def end(self, finish: TaskFinish) -> FinishAnswer:
        """Work one finish in; the answer says whether it was accepted."""
        job, task = self.jobs.get(finish.job_id), self.tasks.get(finish.task_id)
        if job is None:
            return FinishAnswer.JOB_NOT_FOUND
        if task is not None and task.job_id != finish.job_id:
            task = None
        if task is not None and task.status == TaskStatus.DONE and task.worker_id == finish.worker_id:
            return FinishAnswer.REPEATED
        if job.status in TERMINAL:
            return FinishAnswer.JOB_TERMINATED
        if task is None or task.step != job.version:
            return FinishAnswer.STALE_TASK
        if task.status != TaskStatus.RUNNING or task.worker_id != finish.worker_id:
            return FinishAnswer.WORKER_MISMATCH
        return self._accept(job, task, finish)

    def _accept(self, job: _Job, task: _Task, finish: TaskFinish) -> FinishAnswer:
        check_history(finish.history, finish.job_id)
        task.status = TaskStatus.DONE
        if finish.retry:
            check_task(finish.retry, task.job_id, task.step)
            self.tasks[finish.retry.id] = _Task(task.job_id, task.step, TaskStatus.QUEUED, None)
            return FinishAnswer.RETRIED
        job.tasks_open -= 1
        job.ready = job.ready or not job.tasks_open
        job.changed_at = finish.at
        return FinishAnswer.ACCEPTED if job.tasks_open else FinishAnswer.JOB_READY

    def counts(self) -> list[Values]:
        """What changes in the jobs."""
        return [
            {"job": job_id, "still_open": job.tasks_open, "now_ready": int(job.ready), "at": job.changed_at}
            for job_id, job in self.jobs.items()
            if job.changed_at is not None
        ]


_ACCEPTED = frozenset({FinishAnswer.ACCEPTED, FinishAnswer.JOB_READY, FinishAnswer.RETRIED})


def finish(connection: Connection, finishes: Sequence[TaskFinish]) -> list[FinishAnswer]:
    """Record the ends of attempts; say what became of each."""
    batch = _Batch(connection, finishes)
    answers = [batch.end(finish) for finish in finishes]
    accepted = [finish for finish, answer in zip(finishes, answers, strict=True) if answer in _ACCEPTED]
    if accepted:
        connection.execute(_END, [_end_values(finish) for finish in accepted])
    if counts := batch.counts():
        connection.execute(_COUNT, counts)
    add_tasks(connection, [task_values(finish.retry) for finish in accepted if finish.retry])
    add_history(connection, [entry for finish in accepted for entry in finish.history])
    return answers


def _end_values(finish: TaskFinish) -> Values:
    return {"task": finish.task_id, "came_of_it": json_text(finish.outcome, f"outcome of task {finish.task_id!r}")}
