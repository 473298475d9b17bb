"""New jobs and fenced transitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from fw_orchestrator.consistency import check_history, check_ready, check_task
from fw_orchestrator.model import TERMINAL, HistoryEntry, Job, TaskOutcome, TaskStatus, Transition
from fw_orchestrator.store import StoreError
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import Values, history_values, job_values, json_text, result_values, task_values
from fw_store_sql.tables import history, jobs, tasks

_JOB_IDS = select(jobs.c.id).where(among(jobs.c.id))
_TASK_IDS = select(tasks.c.id).where(among(tasks.c.id))
_FENCES = select(jobs.c.id, jobs.c.version, jobs.c.owner, jobs.c.status, jobs.c.tasks_open).where(among(jobs.c.id))
_REPLACED = ("version", "updated_at", "state", "status", "ready", "tasks_total", "tasks_open")
_TRANSIT = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        {jobs.c[name]: bindparam(f"new_{name}") for name in (*_REPLACED, "state_history", "awaited", "result", "error")}
        | {jobs.c.owner: None, jobs.c.lease_until: None, jobs.c.held: 0}
    )
)
_CANCEL_OPEN = (
    update(tasks)
    .where(tasks.c.job_id == bindparam("job"), tasks.c.status != TaskStatus.DONE.value)
    .values(
        status=TaskStatus.DONE.value,
        worker_id=None,
        lease_until=None,
        outcome=json_text(TaskOutcome(status="cancelled"), "cancellation"),
    )
)


def create(connection: Connection, new: Sequence[Job], entries: Sequence[HistoryEntry]) -> None:
    """Add new jobs with their history."""
    ids = {job.id for job in new}
    for job in new:
        check_ready(job.id, job.status, job.ready)
    for entry in entries:
        if entry.job_id not in ids:
            raise StoreError(f"History of job {entry.job_id!r} was given, but it is not among the jobs to create.")
    known = [row.id for row in rows(connection, _JOB_IDS, ids)] if len(ids) == len(new) else _twice([j.id for j in new])
    if known:
        raise StoreError(
            f"A job with the id {known[0]!r} exists already.",
            remedy="Give every job an id of its own; none was created.",
        )
    _insert(connection, jobs, [job_values(job) for job in new])
    _insert(connection, history, history_values(entries))


def commit(connection: Connection, transitions: Sequence[Transition]) -> list[bool]:
    """Apply the transitions that their fences admit."""
    fences = {row.id: row for row in rows(connection, _FENCES, [transition.job_id for transition in transitions])}
    answers: list[bool] = []
    admitted: list[Transition] = []
    overtaken: list[Values] = []
    for transition in transitions:
        fence = fences.get(transition.job_id)
        accepted = (
            fence is not None
            and fence.owner == transition.owner
            and fence.version == transition.expected_version
            and fence.status not in TERMINAL
        )
        answers.append(accepted)
        if fence is not None and accepted:
            admitted.append(transition)
            # A transition ends the claim: a second one of the same job in this batch is refused.
            del fences[transition.job_id]
            if fence.tasks_open:
                overtaken.append({"job": transition.job_id})
    _write(connection, admitted, overtaken)
    return answers


def _write(connection: Connection, admitted: Sequence[Transition], overtaken: Sequence[Values]) -> None:
    if overtaken:
        connection.execute(_CANCEL_OPEN, overtaken)
    if admitted:
        connection.execute(_TRANSIT, [_transit_values(transition) for transition in admitted])
    add_tasks(connection, [row for transition in admitted for row in _task_rows(transition)])
    _insert(connection, history, [row for transition in admitted for row in _history_rows(transition)])


def _transit_values(transition: Transition) -> Values:
    check_ready(transition.job_id, transition.status, transition.ready)
    number = len(transition.tasks)
    texts = result_values(
        transition.job_id, transition.state_history, transition.awaited, transition.result, transition.error
    )
    return {
        "job": transition.job_id,
        "new_version": transition.expected_version + 1,
        "new_updated_at": transition.at,
        "new_state": transition.state,
        "new_status": transition.status.value,
        "new_ready": int(transition.ready),
        "new_tasks_total": number,
        "new_tasks_open": number,
    } | {f"new_{name}": text for name, text in texts.items()}


def _task_rows(transition: Transition) -> list[Values]:
    for task in transition.tasks:
        check_task(task, transition.job_id, transition.expected_version + 1)
    return [task_values(task) for task in transition.tasks]


def _history_rows(transition: Transition) -> list[Values]:
    check_history(transition.history, transition.job_id)
    return history_values(transition.history)


def add_tasks(connection: Connection, values: Sequence[Values]) -> None:
    """Queue new tasks. Raises :class:`StoreError` if an id exists."""
    try:
        _insert(connection, tasks, values)
    except IntegrityError as error:
        ids = [value["id"] for value in values]
        known = _twice(ids) or [row.id for row in rows(connection, _TASK_IDS, ids)]
        if not known:
            raise
        raise StoreError(
            f"A task with the id {known[0]!r} exists already.", remedy="Give every attempt an id of its own."
        ) from error


def add_history(connection: Connection, entries: Sequence[HistoryEntry]) -> None:
    """Write history entries of known jobs."""
    _insert(connection, history, history_values(entries))


def _insert(connection: Connection, table: Table, values: Sequence[Values]) -> None:
    if values:
        connection.execute(insert(table), list(values))


def _twice(ids: Sequence[str]) -> list[str]:
    return [one for one, number in Counter(ids).items() if number > 1]
