"""New jobs and fenced transitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select

from fw_orchestrator.consistency import begin_of_sub_job, check_transition
from fw_orchestrator.model import TERMINAL, Claim, HistoryEntry, Job, JobStatus, Transition
from fw_orchestrator.store import StoreError
from fw_store_sql.cascades import drop_open, tell_parent
from fw_store_sql.driver import Change, Values
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import result_values, task_values
from fw_store_sql.tables import jobs
from fw_store_sql.writing import add_history, add_jobs, add_tasks

T = TypeVar("T")

New = tuple[Sequence[Job], Sequence[HistoryEntry], Claim | None]
"""What one call creates: jobs with their history, free or claimed."""

_BY_KEY = select(jobs.c.key, jobs.c.id).where(among(jobs.c.key))
_FENCES = select(jobs.c.id, jobs.c.version, jobs.c.owner, jobs.c.status, jobs.c.tasks_open, jobs.c.parent_id).where(
    among(jobs.c.id)
)
_GIVEN = (
    *("job", "expected", "owner", "at", "state", "status", "ready", "total"),
    *("state_history", "awaited", "result", "error"),
)
# SQLite writes every index anew whose columns an update names, whether they change or not.
_SET = (
    "version = jobs.version + 1, updated_at = given.at, state = given.state, status = given.status, "
    "tasks_total = given.total, tasks_open = given.total, tasks_succeeded = 0, state_history = given.state_history, "
    "awaited = given.awaited, result = given.result, error = given.error"
)
_FREED = ", owner = NULL, lease_until = NULL, held = 0"
_READY = ", ready = given.ready"
# The fence, and that nothing else depends on the job or it on nothing else: no open tasks, no parent.
_FENCED = (
    "jobs.id = given.job AND jobs.version = given.expected AND jobs.owner = given.owner "
    f"AND jobs.status NOT IN ({', '.join(repr(status.value) for status in sorted(TERMINAL))}) "
    "AND jobs.tasks_open = 0 AND jobs.parent_id IS NULL"
)
_GO_ON = Change("jobs", _GIVEN, _SET, f"{_FENCED} AND jobs.ready = given.ready")
_LET_GO = Change("jobs", _GIVEN, _SET + _READY + _FREED, _FENCED)
_GO_ON_ANYHOW = Change("jobs", _GIVEN, _SET + _READY, "jobs.id = given.job")
_LET_GO_ANYHOW = Change("jobs", _GIVEN, _SET + _READY + _FREED, "jobs.id = given.job")


def create(
    connection: Connection, given: Sequence[tuple[Job, Claim | None]], entries: Sequence[HistoryEntry]
) -> list[str]:
    """Add new jobs with their history; the ids under which they are kept."""
    keys = {row.key: row.id for row in rows(connection, _BY_KEY, [job.key for job, _ in given if job.key])}
    new: list[tuple[Job, Claim | None]] = []
    answers: list[str] = []
    for job, claim in given:
        earlier = keys.get(job.key) if job.key else None
        answers.append(earlier or job.id)
        if earlier is None:
            new.append((job, claim))
            if job.key:
                keys[job.key] = job.id
    add_jobs(connection, new)
    if len(new) < len(given):
        added = {job.id for job, _ in new}
        entries = [entry for entry in entries if entry.job_id in added]
    add_history(connection, entries)
    return answers


def _check_lines(given: Sequence[Job], entries: Sequence[HistoryEntry]) -> None:
    ids = {job.id for job in given}
    for entry in entries:
        if entry.job_id not in ids:
            raise StoreError(f"History of job {entry.job_id!r} was given, but it is not among the jobs to create.")


def create_all(connection: Connection, calls: Sequence[New]) -> list[list[str]]:
    """The answers of several calls that create jobs."""
    for given, entries, _ in calls:
        _check_lines(given, entries)
    ids = create(
        connection,
        [(job, claim) for given, _, claim in calls for job in given],
        [entry for _, entries, _ in calls for entry in entries],
    )
    return _shared(ids, [len(given) for given, _, _ in calls])


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
    at_once = _commit_plain(connection, transitions)
    moved = set(at_once)
    answers: list[bool] = []
    new: list[Values] = []  # tasks are queued in the order of the transitions, however those are applied
    for transition in transitions:
        accepted = transition.job_id in at_once
        if accepted:
            # A transition moves the job: a second one in this batch is refused.
            at_once.remove(transition.job_id)
            new += [task_values(task) for task in transition.tasks]
        elif transition.job_id not in moved:
            add_tasks(connection, new)
            new = []
            accepted = _commit_alone(connection, transition)
        answers.append(accepted)
    add_tasks(connection, new)
    return answers


def _commit_plain(connection: Connection, transitions: Sequence[Transition]) -> set[str]:
    """Apply those that concern nothing but their job, in one statement, but for their tasks; the jobs they moved."""
    values: dict[str, Values] = {}
    going_on: list[str] = []
    let_go: list[str] = []
    changes: dict[str, Transition] = {}
    for change in {change.job_id: change for change in reversed(transitions)}.values():  # the first of each job
        if change.resumes or change.jobs:
            continue
        try:
            values[change.job_id] = _values(change)
        except StoreError:
            # If its fence refuses it, nobody minds; that shows when it is done alone.
            continue
        changes[change.job_id] = change
        (going_on if change.keep_claim else let_go).append(change.job_id)
    moved = _GO_ON.run(connection, [values[job_id] for job_id in going_on])
    moved |= _LET_GO.run(connection, [values[job_id] for job_id in let_go])
    applied = [change for job_id, change in changes.items() if job_id in moved]
    for change in applied:
        check_transition(change)
    add_history(connection, [entry for change in applied for entry in change.history])
    return moved


def _commit_alone(connection: Connection, change: Transition) -> bool:
    """Apply one with all that it does to other jobs, if its fence admits it."""
    fence = next(rows(connection, _FENCES, [change.job_id]), None)
    if fence is None or not _admits(fence, change):
        return False
    check_transition(change)
    if fence.tasks_open:
        drop_open(connection, change.job_id, change.at, "its parent went on")
    (_GO_ON_ANYHOW if change.keep_claim else _LET_GO_ANYHOW).run(connection, [_values(change)])
    add_tasks(connection, [task_values(task) for task in change.tasks])
    add_history(connection, change.history)
    add_jobs(connection, [(job, None) for job in change.jobs])
    add_history(connection, [begin_of_sub_job(job, change.at) for job in change.jobs])
    if fence.parent_id and change.status in TERMINAL:
        tell_parent(connection, change.job_id, change.at)
    return True


def _admits(fence: Row[Any], transition: Transition) -> bool:
    if fence.version != transition.expected_version:
        return False
    if transition.resumes:
        return bool(fence.status == JobStatus.QUARANTINED)
    return fence.owner == transition.owner and fence.status not in TERMINAL


def _values(change: Transition) -> Values:
    """The values of :data:`_GIVEN`."""
    return (
        change.job_id,
        change.expected_version,
        change.owner,
        change.at,
        change.state,
        change.status.value,
        int(change.ready),
        len(change.tasks),
        *result_values(change.job_id, change.state_history, change.awaited, change.result, change.error),
    )
