"""Tasks: handing out, leases, what time does to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import merge
from itertools import islice
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, func, select, update

from fw_orchestrator.alarms import Verdict, alarm, is_overdue, verdict
from fw_orchestrator.matching import suits
from fw_orchestrator.model import JsonObject, Sweep, Task, TaskStatus
from fw_store_sql.driver import Change, columns, fetched
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import task_from
from fw_store_sql.tables import ALARMED, MOST_ROWS, QUEUED, RUNNING, tasks

_QUEUE = f"SELECT {columns(tasks)} FROM tasks WHERE {QUEUED.text} AND skill = ? "  # noqa: S608 - our own names
_ORDER = "ORDER BY priority DESC, seq LIMIT ?"
_REST_OF_QUEUE = _QUEUE + "AND priority <= ? AND (priority < ? OR seq > ?) " + _ORDER
_START_OF_QUEUE = _QUEUE + _ORDER
_START = Change(
    "tasks",
    ("task", "by", "now", "until", "deadline", "next_at"),
    f"status = '{TaskStatus.RUNNING.value}', worker_id = given.by, started_at = given.now, lease_until = given.until, "
    "result_deadline = given.deadline, alarm = given.next_at",
    "tasks.id = given.task",
)
_OF_WORKER = select(tasks).where(among(tasks.c.id), RUNNING, tasks.c.worker_id == bindparam("by"))
_RENEW = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(lease_until=bindparam("until"), alarm=bindparam("next_at"))
)
_DUE = select(tasks).where(ALARMED, tasks.c.alarm <= bindparam("now")).order_by(tasks.c.alarm).limit(bindparam("most"))
_NEXT = select(func.min(tasks.c.alarm)).where(ALARMED, tasks.c.alarm > bindparam("now"))
_REQUEUE = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(
        status=TaskStatus.QUEUED.value,
        not_before=None,
        worker_id=None,
        started_at=None,
        lease_until=None,
        result_deadline=None,
        attempt=bindparam("new_attempt"),
        alarm=bindparam("next_at"),
    )
)
_PAGE = 50
_PRIORITY = list(tasks.c).index(tasks.c.priority)


def claim(
    connection: Connection,
    worker_id: str,
    skills: Collection[str],
    *,
    now: float,
    lease: float,
    limit: int,
    offer: JsonObject | None,
) -> list[Task]:
    """Hand out the first queued tasks of these skills that suit the worker."""
    if limit <= 0:
        return []
    queues = [_waiting(connection, skill, limit) for skill in dict.fromkeys(skills)]
    fitting = (
        task
        for _, _, task in merge(*queues, key=lambda entry: entry[:2])
        if suits(task.requirements, task.skill, offer) and not is_overdue(task, now)
    )
    taken = [_started(task, worker_id, now, now + lease) for task in islice(fitting, min(limit, MOST_ROWS))]
    _START.run(
        connection,
        [(task.id, worker_id, now, task.lease_until, task.result_deadline, alarm(task)) for task in taken],
    )
    return taken


def _waiting(connection: Connection, skill: str, limit: int) -> Iterator[tuple[int, int, Task]]:
    """The queue of a skill, read as far as it is looked at."""
    size = min(limit, _PAGE)
    found = fetched(connection, _START_OF_QUEUE, (skill, size))
    while found:
        for row in found:
            yield -row[_PRIORITY], row[0], task_from(row)
        if len(found) < size:
            return
        size, last = _PAGE, found[-1]
        values = (skill, last[_PRIORITY], last[_PRIORITY], last[0], size)
        found = fetched(connection, _REST_OF_QUEUE, values)


def _started(task: Task, worker_id: str, now: float, until: float) -> Task:
    deadline = None if task.result_timeout is None else now + task.result_timeout
    return replace(
        task,
        status=TaskStatus.RUNNING,
        worker_id=worker_id,
        started_at=now,
        lease_until=until,
        result_deadline=deadline,
    )


def renew(connection: Connection, worker_id: str, task_ids: Collection[str], now: float, lease: float) -> list[str]:
    """Prolong the leases of the tasks that this worker runs."""
    found = {row.id: task_from(row) for row in rows(connection, _OF_WORKER, task_ids, by=worker_id)}
    held = [replace(found[one], lease_until=now + lease) for one in dict.fromkeys(task_ids) if one in found]
    if held:
        connection.execute(
            _RENEW, [{"task": task.id, "until": task.lease_until, "next_at": alarm(task)} for task in held]
        )
    return [task.id for task in held]


def release(connection: Connection, worker_id: str, task_id: str) -> bool:
    """Put a running task back into its old place."""
    held = [_freed(task_from(row)) for row in rows(connection, _OF_WORKER, [task_id], by=worker_id)]
    if held:
        connection.execute(_REQUEUE, [_requeue_values(task) for task in held])
    return bool(held)


def sweep(connection: Connection, now: float, max_attempts: int, limit: int) -> Sweep:
    """Do what time demands."""
    due = [(row.seq, task_from(row)) for row in connection.execute(_DUE, {"now": now, "most": min(limit, MOST_ROWS)})]
    queued: list[Task] = []
    lost: list[str] = []
    overdue: list[Task] = []
    for _, task in sorted(due, key=lambda entry: entry[0]):
        match verdict(task, now, max_attempts):
            case Verdict.QUEUE:
                queued.append(replace(task, status=TaskStatus.QUEUED, not_before=None))
            case Verdict.LOST:
                queued.append(_freed(task, attempt=task.attempt + 1))
                lost.append(task.id)
            case Verdict.OVERDUE:
                overdue.append(task)
    if queued:
        connection.execute(_REQUEUE, [_requeue_values(task) for task in queued])
    next_at = connection.execute(_NEXT, {"now": now}).scalar()
    return Sweep(queued=tuple(queued), lost=frozenset(lost), overdue=tuple(overdue), next_at=next_at)


def _freed(task: Task, *, attempt: int | None = None) -> Task:
    free = replace(task, worker_id=None, started_at=None, lease_until=None, result_deadline=None)
    return replace(free, status=TaskStatus.QUEUED, attempt=attempt or task.attempt)


def _requeue_values(task: Task) -> dict[str, Any]:
    return {"task": task.id, "new_attempt": task.attempt, "next_at": alarm(task)}
