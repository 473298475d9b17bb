"""The ends of attempts, each recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fw_orchestrator.alarms import is_overdue
from fw_orchestrator.consistency import check_history, check_task, refusal
from fw_orchestrator.model import Awaited, Claim, FinishAnswer, TaskFinish, TaskKind, TaskStatus, is_settled
from fw_store_sql.driver import Change, Lookup, Values
from fw_store_sql.rows import awaited_from, json_text, task_values
from fw_store_sql.writing import add_history, add_tasks

_JOBS = Lookup("jobs", ("id", "version", "status", "ready", "tasks_open", "tasks_succeeded", "awaited", "owner"))
_TASKS = Lookup(
    "tasks",
    ("id", "job_id", "step", "status", "worker_id", "lease_until", "result_deadline", "dispatch_deadline", "kind"),
)
_END = Change(
    "tasks",
    ("task", "holder", "came_of_it"),
    f"status = '{TaskStatus.DONE.value}', worker_id = given.holder, lease_until = NULL, alarm = NULL, "
    "outcome = given.came_of_it",
    "tasks.id = given.task",
)
_COUNTS = "tasks_open = given.open, tasks_succeeded = given.succeeded, ready = given.ready, updated_at = given.at"
_COUNT = Change("jobs", ("job", "open", "succeeded", "ready", "at"), _COUNTS, "jobs.id = given.job")
_CLAIM = Change(
    "jobs",
    ("job", "open", "succeeded", "ready", "at", "by", "until"),
    f"{_COUNTS}, owner = given.by, lease_until = given.until, held = 1",
    "jobs.id = given.job",
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
    owner: str | None
    changed_at: float | None = None
    claim: Claim | None = None


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


class _Batch:
    """The jobs and tasks that a batch names, as they become while it is worked through."""

    def __init__(self, connection: Connection, finishes: Sequence[TaskFinish]) -> None:
        self.jobs: dict[str, _Job] = {}
        for row in _JOBS.run(connection, [finish.job_id for finish in finishes]):
            job_id, version, status, ready, still_open, succeeded, awaited, owner = row
            self.jobs[job_id] = _Job(version, status, bool(ready), still_open, succeeded, awaited_from(awaited), owner)
        self.abandoned: list[str] = []
        self.tasks = {row[0]: _Task(*row[1:]) for row in _TASKS.run(connection, [one.task_id for one in finishes])}

    def end(self, finish: TaskFinish, claim: Claim | None) -> FinishAnswer:
        """Work one finish in; the answer says whether it was accepted."""
        job, task = self.jobs.get(finish.job_id), self.tasks.get(finish.task_id)
        refused = refusal(job, task, finish, overdue=task is not None and is_overdue(task, finish.at))
        if refused or job is None or task is None:
            return refused or FinishAnswer.STALE_TASK
        answer = self._accept(job, task, finish)
        if answer is FinishAnswer.JOB_READY and claim is not None and job.owner is None:
            job.owner, job.claim = claim.owner, claim
            return FinishAnswer.JOB_CLAIMED
        return answer

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

    def write(self, connection: Connection, accepted: Sequence[TaskFinish]) -> None:
        """Write what has changed in tasks and jobs."""
        _END.run(connection, [self._end_values(finish) for finish in accepted])
        changed = [(job_id, job) for job_id, job in self.jobs.items() if job.changed_at is not None]
        _COUNT.run(connection, [_counts(job_id, job) for job_id, job in changed if job.claim is None])
        _CLAIM.run(
            connection,
            [(*_counts(job_id, job), job.claim.owner, job.claim.until) for job_id, job in changed if job.claim],
        )

    def _end_values(self, finish: TaskFinish) -> Values:
        outcome = json_text(finish.outcome, "outcome of task", finish.task_id)
        return finish.task_id, self.tasks[finish.task_id].worker_id, outcome


def _counts(job_id: str, job: _Job) -> Values:
    """The values of :data:`_COUNT`."""
    return job_id, job.tasks_open, job.tasks_succeeded, int(job.ready), job.changed_at


_ACCEPTED = frozenset({FinishAnswer.ACCEPTED, FinishAnswer.JOB_READY, FinishAnswer.JOB_CLAIMED, FinishAnswer.RETRIED})


def finish(
    connection: Connection, given: Sequence[tuple[TaskFinish, Claim | None]]
) -> tuple[list[FinishAnswer], list[str]]:
    """Record the ends of attempts; say what became of each, and which sub-jobs nobody waits for any more.

    With a claim, the job that becomes ready by an end is claimed, if nobody holds it.
    """
    batch = _Batch(connection, [finish for finish, _ in given])
    answers = [batch.end(finish, claim) for finish, claim in given]
    accepted = [finish for (finish, _), answer in zip(given, answers, strict=True) if answer in _ACCEPTED]
    batch.write(connection, accepted)
    add_tasks(connection, [task_values(finish.retry) for finish in accepted if finish.retry])
    add_history(connection, [entry for finish in accepted for entry in finish.history])
    return answers, batch.abandoned
