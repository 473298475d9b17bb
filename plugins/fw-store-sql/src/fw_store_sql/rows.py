"""Records to rows and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row

from fw_orchestrator.alarms import alarm
from fw_orchestrator.model import (
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

Values = dict[str, Any]

JOB_COLUMNS = (
    *("id", "blueprint", "definition", "state", "status", "version", "ready", "created_at", "updated_at"),
    *("initial_data", "tasks_total", "tasks_open", "tasks_succeeded", "options", "key", "parent_id", "parent_task"),
    *("depth", "state_history", "awaited", "result", "error"),
)
TASK_COLUMNS = (
    *("id", "job_id", "step", "number", "attempt", "retries", "kind", "skill", "params", "priority", "enqueued_at"),
    *("status", "not_before", "dispatch_timeout", "dispatch_deadline", "result_timeout", "result_deadline"),
    *("requirements", "worker_id", "started_at", "lease_until", "alarm", "outcome"),
)
HISTORY_COLUMNS = ("job_id", "at", "event", "state", "detail")

_AWAITED = msgspec.json.Decoder(Awaited)
_FAILURE = msgspec.json.Decoder(Failure)
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_ANY = msgspec.json.Decoder()
_OUTCOME = msgspec.json.Decoder(TaskOutcome)
_OPTIONS = msgspec.json.Decoder(JobOptions)


def json_text(value: object, what: str) -> str | None:
    """JSON text, or None for None. Raises :class:`StoreError`, naming ``what``, if JSON cannot hold the value."""
    if value is None:
        return None
    try:
        text = msgspec.json.encode(value)
        if b"null" in text:
            # NaN and infinity became null here; the standard library's encoder refuses them.
            json.dumps(msgspec.to_builtins(value), allow_nan=False)
        return text.decode()
    except (RecursionError, TypeError, ValueError) as error:
        raise StoreError(
            f"The {what} cannot be stored: {error}.",
            remedy="Data may hold JSON values only: objects, arrays, strings, finite numbers, booleans and null.",
        ) from error


def job_values(job: Job) -> Values:
    """The row of a new job."""
    return {
        "id": job.id,
        "blueprint": job.blueprint,
        "definition": job.definition,
        "state": job.state,
        "status": job.status.value,
        "version": job.version,
        "ready": int(job.ready),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "initial_data": json_text(job.initial_data, f"initial data of job {job.id!r}"),
        "tasks_total": job.tasks_total,
        "tasks_open": job.tasks_open,
        "tasks_succeeded": job.tasks_succeeded,
        "options": json_text(job.options, f"options of job {job.id!r}"),
        "key": job.key,
        "parent_id": job.parent_id,
        "parent_task": job.parent_task,
        "depth": job.depth,
    } | result_values(job.id, job.state_history, job.awaited, job.result, job.error)


def result_values(
    job_id: str, state_history: Mapping[str, Any], awaited: Awaited | None, result: object, error: Failure | None
) -> Values:
    """The JSON columns that every transition replaces."""
    return {
        "state_history": json_text(state_history, f"state history of job {job_id!r}"),
        "awaited": json_text(awaited, f"awaited tasks of job {job_id!r}"),
        "result": json_text(result, f"result of job {job_id!r}"),
        "error": json_text(error, f"error of job {job_id!r}"),
    }


def task_values(task: Task) -> Values:
    """The row of a new task."""
    return {
        "id": task.id,
        "job_id": task.job_id,
        "step": task.step,
        "number": task.number,
        "attempt": task.attempt,
        "retries": task.retries,
        "kind": task.kind.value,
        "skill": task.skill,
        "params": json_text(task.params, f"parameters of task {task.id!r}"),
        "priority": task.priority,
        "enqueued_at": task.enqueued_at,
        "status": task.status.value,
        "not_before": task.not_before,
        "dispatch_timeout": task.dispatch_timeout,
        "dispatch_deadline": task.dispatch_deadline,
        "result_timeout": task.result_timeout,
        "result_deadline": task.result_deadline,
        "requirements": json_text(task.requirements, f"requirements of task {task.id!r}"),
        "worker_id": task.worker_id,
        "started_at": task.started_at,
        "lease_until": task.lease_until,
        "alarm": alarm(task),
        "outcome": json_text(task.outcome, f"outcome of task {task.id!r}"),
    }


def awaited_from(text: str | None) -> Awaited | None:
    """What a job waits for."""
    return None if text is None else _AWAITED.decode(text)


def history_values(entries: Iterable[HistoryEntry]) -> list[Values]:
    """The rows of history entries."""
    return [
        {
            "job_id": entry.job_id,
            "at": entry.at,
            "event": entry.event,
            "state": entry.state,
            "detail": json_text(entry.detail, f"history of job {entry.job_id!r}"),
        }
        for entry in entries
    ]


def worker_values(worker: WorkerRecord) -> Values:
    """The row of a worker."""
    return {
        "id": worker.id,
        "registration": json_text(worker.registration, f"registration of worker {worker.id!r}"),
        "status": worker.status,
        "seen_at": worker.seen_at,
    }


def job_from(row: Row[Any]) -> Job:
    """The job of a row."""
    return Job(
        id=row.id,
        blueprint=row.blueprint,
        definition=row.definition,
        state=row.state,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=JobStatus(row.status),
        version=row.version,
        ready=bool(row.ready),
        initial_data=_OBJECT.decode(row.initial_data),
        state_history=_OBJECT.decode(row.state_history),
        awaited=awaited_from(row.awaited),
        tasks_total=row.tasks_total,
        tasks_open=row.tasks_open,
        tasks_succeeded=row.tasks_succeeded,
        options=JobOptions() if row.options == "{}" else _OPTIONS.decode(row.options),
        key=row.key,
        parent_id=row.parent_id,
        parent_task=row.parent_task,
        depth=row.depth,
        result=None if row.result is None else _ANY.decode(row.result),
        error=None if row.error is None else _FAILURE.decode(row.error),
    )


def task_from(row: Row[Any]) -> Task:
    """The task of a row."""
    return Task(
        id=row.id,
        job_id=row.job_id,
        step=row.step,
        number=row.number,
        attempt=row.attempt,
        retries=row.retries,
        kind=TaskKind(row.kind),
        skill=row.skill,
        params=_OBJECT.decode(row.params),
        priority=row.priority,
        enqueued_at=row.enqueued_at,
        status=TaskStatus(row.status),
        not_before=row.not_before,
        dispatch_timeout=row.dispatch_timeout,
        dispatch_deadline=row.dispatch_deadline,
        result_timeout=row.result_timeout,
        result_deadline=row.result_deadline,
        requirements={} if row.requirements == "{}" else _OBJECT.decode(row.requirements),
        worker_id=row.worker_id,
        started_at=row.started_at,
        lease_until=row.lease_until,
        outcome=None if row.outcome is None else _OUTCOME.decode(row.outcome),
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
