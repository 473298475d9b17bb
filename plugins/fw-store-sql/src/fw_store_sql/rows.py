"""Records to rows and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row

from fw_orchestrator.alarms import alarm
from fw_orchestrator.model import (
    NO_OPTIONS,
    Awaited,
    Failure,
    HistoryEntry,
    Job,
    JobOptions,
    JobStatus,
    Task,
    TaskKind,
    TaskOutcome,
    TaskStatus,
    WorkerRecord,
)
from fw_orchestrator.store import StoreError
from fw_store_sql.driver import Values

JOB_COLUMNS = (
    *("id", "blueprint", "definition", "state", "status", "version", "ready", "created_at", "updated_at"),
    *("initial_data", "tasks_total", "tasks_open", "tasks_succeeded", "options", "key", "parent_id", "parent_task"),
    *("depth", "state_history", "awaited", "result", "error", "owner", "lease_until", "held"),
)
TASK_COLUMNS = (
    *("id", "job_id", "step", "number", "attempt", "retries", "kind", "skill", "params", "priority", "enqueued_at"),
    *("status", "not_before", "dispatch_timeout", "dispatch_deadline", "result_timeout", "result_deadline"),
    *("requirements", "worker_id", "started_at", "lease_until", "alarm", "outcome"),
)
HISTORY_COLUMNS = ("job_id", "at", "event", "state", "detail")

_encode = msgspec.json.Encoder().encode
_AWAITED = msgspec.json.Decoder(Awaited)
_FAILURE = msgspec.json.Decoder(Failure)
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_ANY = msgspec.json.Decoder()
_OUTCOME = msgspec.json.Decoder(TaskOutcome)
_STATUSES = {status.value: status for status in JobStatus}
_OPTIONS = msgspec.json.Decoder(JobOptions)


def json_text(value: object, what: str, whose: str) -> str | None:
    """JSON text, or None for None. Raises :class:`StoreError`, naming ``what``, if JSON cannot hold the value."""
    if not value:
        # Most often there is nothing, and nothing can be wrong with that.
        if value is None:
            return None
        if type(value) is dict:
            return "{}"
    try:
        text = _encode(value)
        if b"null" in text:
            # NaN and infinity became null here; the standard library's encoder refuses them.
            json.dumps(msgspec.to_builtins(value), allow_nan=False)
        return text.decode()
    except (RecursionError, TypeError, ValueError) as error:
        raise StoreError(
            f"The {what} {whose!r} cannot be stored: {error}.",
            remedy="Data may hold JSON values only: objects, arrays, strings, finite numbers, booleans and null.",
        ) from error


def job_values(job: Job, owner: str | None, lease_until: float | None) -> Values:
    """The row of a new job: the values of :data:`JOB_COLUMNS`."""
    return (
        job.id,
        job.blueprint,
        job.definition,
        job.state,
        job.status.value,
        job.version,
        int(job.ready),
        job.created_at,
        job.updated_at,
        json_text(job.initial_data, "initial data of job", job.id),
        job.tasks_total,
        job.tasks_open,
        job.tasks_succeeded,
        json_text(job.options, "options of job", job.id),
        job.key,
        job.parent_id,
        job.parent_task,
        job.depth,
        *result_values(job.id, job.state_history, job.awaited, job.result, job.error),
        owner,
        lease_until,
        int(owner is not None),
    )


def result_values(
    job_id: str, state_history: Mapping[str, Any], awaited: Awaited | None, result: object, error: Failure | None
) -> Values:
    """The JSON columns that every transition replaces."""
    return (
        json_text(state_history, "state history of job", job_id),
        None if awaited is None else json_text(awaited, "awaited tasks of job", job_id),
        None if result is None else json_text(result, "result of job", job_id),
        None if error is None else json_text(error, "error of job", job_id),
    )


def task_values(task: Task) -> Values:
    """The row of a new task: the values of :data:`TASK_COLUMNS`."""
    return (
        task.id,
        task.job_id,
        task.step,
        task.number,
        task.attempt,
        task.retries,
        task.kind.value,
        task.skill,
        json_text(task.params, "parameters of task", task.id),
        task.priority,
        task.enqueued_at,
        task.status.value,
        task.not_before,
        task.dispatch_timeout,
        task.dispatch_deadline,
        task.result_timeout,
        task.result_deadline,
        json_text(task.requirements, "requirements of task", task.id),
        task.worker_id,
        task.started_at,
        task.lease_until,
        alarm(task),
        json_text(task.outcome, "outcome of task", task.id),
    )


def awaited_from(text: str | None) -> Awaited | None:
    """What a job waits for."""
    return None if text is None else _AWAITED.decode(text)


def history_values(entries: Iterable[HistoryEntry]) -> list[Values]:
    """The rows of history entries: the values of :data:`HISTORY_COLUMNS`."""
    return [
        (entry.job_id, entry.at, entry.event, entry.state, json_text(entry.detail, "history of job", entry.job_id))
        for entry in entries
    ]


def worker_values(worker: WorkerRecord) -> dict[str, Any]:
    """The row of a worker."""
    return {
        "id": worker.id,
        "registration": json_text(worker.registration, "registration of worker", worker.id),
        "status": worker.status,
        "seen_at": worker.seen_at,
    }


def job_from(row: Sequence[Any]) -> Job:
    """The job of a row with all columns."""
    _, job_id, blueprint, definition, state, status, version, ready, created_at, updated_at, *rest = row
    initial_data, state_history, awaited, total, still_open, succeeded, result, error, options, key, *rest = rest
    parent_id, parent_task, depth, *_ = rest
    return Job(
        id=job_id,
        blueprint=blueprint,
        definition=definition,
        state=state,
        created_at=created_at,
        updated_at=updated_at,
        status=_STATUSES[status],
        version=version,
        ready=bool(ready),
        initial_data={} if initial_data == "{}" else _OBJECT.decode(initial_data),
        state_history={} if state_history == "{}" else _OBJECT.decode(state_history),
        awaited=awaited_from(awaited),
        tasks_total=total,
        tasks_open=still_open,
        tasks_succeeded=succeeded,
        options=NO_OPTIONS if options == "{}" else _OPTIONS.decode(options),
        key=key,
        parent_id=parent_id,
        parent_task=parent_task,
        depth=depth,
        result=None if result is None else _ANY.decode(result),
        error=None if error is None else _FAILURE.decode(error),
    )


def task_from(row: Sequence[Any]) -> Task:
    """The task of a row with all columns."""
    _, task_id, job_id, step, number, attempt, retries, kind, skill, params, priority, enqueued_at, *rest = row
    status, not_before, dispatch_timeout, dispatch_deadline, result_timeout, result_deadline, *rest = rest
    requirements, worker_id, started_at, lease_until, _, outcome = rest
    return Task(
        id=task_id,
        job_id=job_id,
        step=step,
        number=number,
        attempt=attempt,
        retries=retries,
        kind=TaskKind(kind),
        skill=skill,
        params=_OBJECT.decode(params),
        priority=priority,
        enqueued_at=enqueued_at,
        status=TaskStatus(status),
        not_before=not_before,
        dispatch_timeout=dispatch_timeout,
        dispatch_deadline=dispatch_deadline,
        result_timeout=result_timeout,
        result_deadline=result_deadline,
        requirements={} if requirements == "{}" else _OBJECT.decode(requirements),
        worker_id=worker_id,
        started_at=started_at,
        lease_until=lease_until,
        outcome=None if outcome is None else _OUTCOME.decode(outcome),
    )


def history_from(row: Row[Any]) -> HistoryEntry:
    """The history entry of a row."""
    return HistoryEntry(
        job_id=row.job_id, at=row.at, event=row.event, state=row.state, detail=_OBJECT.decode(row.detail)
    )


def worker_from(row: Row[Any]) -> WorkerRecord:
    """The worker of a row."""
    return WorkerRecord(
        id=row.id, registration=_OBJECT.decode(row.registration), status=row.status, seen_at=row.seen_at
    )
