"""New jobs and fenced transitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, bindparam, null, select, update

from fw_orchestrator.consistency import check_transition
from fw_orchestrator.model import TERMINAL, HistoryEntry, Job, JobStatus, Transition
from fw_orchestrator.store import StoreError
from fw_store_sql.cascades import drop_open, tell_parent
from fw_store_sql.driver import Prepared
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import Values, result_values, task_values
from fw_store_sql.tables import jobs
from fw_store_sql.writing import add_history, add_jobs, add_tasks

T = TypeVar("T")

_BY_KEY = select(jobs.c.key, jobs.c.id).where(among(jobs.c.key))
_FENCES = select(
    jobs.c.id, jobs.c.version, jobs.c.owner, jobs.c.status, jobs.c.ready, jobs.c.tasks_open, jobs.c.parent_id
).where(among(jobs.c.id))
_REPLACED = (
    "version",
    "updated_at",
    "state",
    "tasks_total",
    "tasks_open",
    "state_history",
    "awaited",
    "result",
    "error",
)


@cache
def _transit(*, keeps: bool, status: bool, ready: bool) -> Prepared:
    """The update of a transition that keeps the claim, changes the status, changes whether the job is ready.

    SQLite writes every index anew whose columns an update names, whether they change or not.
    """
    names = [*_REPLACED, *(["status"] if status else []), *(["ready"] if ready else [])]
    values: dict[Column[Any], Any] = {jobs.c[name]: bindparam(f"new_{name}") for name in names}
    values[jobs.c.tasks_succeeded] = 0
    if not keeps:
        values |= {jobs.c.owner: null(), jobs.c.lease_until: null(), jobs.c.held: 0}
    return Prepared(update(jobs).where(jobs.c.id == bindparam("job")).values(values))


def create(connection: Connection, given: Sequence[Job], entries: Sequence[HistoryEntry]) -> list[str]:
    """Add new jobs with their history; the ids under which they are kept."""
    _check_lines(given, entries)
    keys = {row.key: row.id for row in rows(connection, _BY_KEY, [job.key for job in given if job.key])}
    new: list[Job] = []
    answers: list[str] = []
    for job in given:
        earlier = keys.get(job.key) if job.key else None
        answers.append(earlier or job.id)
        if earlier is None:
            new.append(job)
            if job.key:
                keys[job.key] = job.id
    add_jobs(connection, new)
    added = {job.id for job in new}
    add_history(connection, [entry for entry in entries if entry.job_id in added])
    return answers


def _check_lines(given: Sequence[Job], entries: Sequence[HistoryEntry]) -> None:
    ids = {job.id for job in given}
    for entry in entries:
        if entry.job_id not in ids:
            raise StoreError(f"History of job {entry.job_id!r} was given, but it is not among the jobs to create.")


def create_all(
    connection: Connection, calls: Sequence[tuple[Sequence[Job], Sequence[HistoryEntry]]]
) -> list[list[str]]:
    """The answers of several calls of :func:`create`."""
    for given, entries in calls:
        _check_lines(given, entries)
    ids = create(connection, [job for given, _ in calls for job in given], [one for _, more in calls for one in more])
    return _shared(ids, [len(given) for given, _ in calls])


def commit_all(connection: Connection, calls: Sequence[Sequence[Transition]]) -> list[list[bool]]:
    """The answers of several calls of :func:`commit`."""
    transitions = [transition for call in calls for transition in call]
    if len({transition.job_id for transition in transitions}) < len(transitions):
        # The second change of a job is refused within a call, but not after it.
        return [commit(connection, call) for call in calls]
    return _shared(commit(connection, transitions), [len(call) for call in calls])


def _shared(answers: list[T], sizes: Iterable[int]) -> list[list[T]]:
    """The answers, to each call its own."""
    rest = iter(answers)
    return [list(islice(rest, size)) for size in sizes]


def commit(connection: Connection, transitions: Sequence[Transition]) -> list[bool]:
    """Apply the transitions that their fences admit."""
    fences = {row.id: row for row in rows(connection, _FENCES, [transition.job_id for transition in transitions])}
    if len(transitions) > 1 and any(fence.tasks_open or fence.parent_id for fence in fences.values()):
        # What one of them ends may be the job of another: one after the other.
        return [answer for transition in transitions for answer in commit(connection, [transition])]
    answers: list[bool] = []
    admitted: list[tuple[Row[Any], Transition]] = []
    for transition in transitions:
        fence = fences.get(transition.job_id)
        accepted = fence is not None and _admits(fence, transition)
        answers.append(accepted)
        if fence is not None and accepted:
            check_transition(transition)
            admitted.append((fence, transition))
            # A transition moves the job: a second one in this batch is refused.
            del fences[transition.job_id]
    _write(connection, admitted)
    return answers


def _admits(fence: Row[Any], transition: Transition) -> bool:
    if fence.version != transition.expected_version:
        return False
    if transition.resumes:
        return bool(fence.status == JobStatus.QUARANTINED)
    return fence.owner == transition.owner and fence.status not in TERMINAL


def _write(connection: Connection, admitted: Sequence[tuple[Row[Any], Transition]]) -> None:
    for fence, transition in admitted:
        if fence.tasks_open:
            drop_open(connection, transition.job_id, transition.at, "its parent went on")
    changes = [transition for _, transition in admitted]
    updates: defaultdict[Prepared, list[Values]] = defaultdict(list)
    for fence, change in admitted:
        changed = {"status": fence.status != change.status, "ready": bool(fence.ready) != change.ready}
        updates[_transit(keeps=change.keep_claim, **changed)].append(_transit_values(change))
    for statement, values in updates.items():
        statement.run(connection, values)
    add_tasks(connection, [task_values(task) for change in changes for task in change.tasks])
    add_history(connection, [entry for change in changes for entry in change.history])
    _add_sub_jobs(connection, changes)
    for fence, transition in admitted:
        if fence.parent_id and transition.status in TERMINAL:
            tell_parent(connection, transition.job_id, transition.at)


def _add_sub_jobs(connection: Connection, changes: Sequence[Transition]) -> None:
    new = [(change, job) for change in changes for job in change.jobs]
    add_jobs(connection, [job for _, job in new])
    entries = [
        HistoryEntry(
            job_id=job.id,
            at=change.at,
            event="job_created",
            state=job.state,
            detail={"blueprint": job.blueprint, "parent": change.job_id},
        )
        for change, job in new
    ]
    add_history(connection, entries)


def _transit_values(transition: Transition) -> Values:
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
