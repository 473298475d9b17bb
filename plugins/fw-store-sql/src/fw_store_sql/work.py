"""Tasks: handing out, leases, sweep."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select, update

from fw_orchestrator.model import Task, TaskStatus
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import task_from
from fw_store_sql.tables import QUEUED, RUNNING, tasks

_HEAD = (
    select(tasks)
    .where(QUEUED, tasks.c.skill == bindparam("of_skill"))
    .order_by(tasks.c.priority.desc(), tasks.c.seq)
    .limit(1)
)
_START = (
    update(tasks)
    .where(tasks.c.seq == bindparam("place"))
    .values(
        status=TaskStatus.RUNNING.value,
        worker_id=bindparam("by"),
        started_at=bindparam("now"),
        lease_until=bindparam("until"),
    )
)
_OF_WORKER = select(tasks.c.id).where(among(tasks.c.id), RUNNING, tasks.c.worker_id == bindparam("by"))
_RENEW = update(tasks).where(tasks.c.id == bindparam("task")).values(lease_until=bindparam("until"))
_EXPIRED = select(tasks).where(RUNNING, tasks.c.lease_until <= bindparam("now"))
_REQUEUE = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(status=TaskStatus.QUEUED.value, worker_id=None, started_at=None, lease_until=None)
)


def claim(connection: Connection, worker_id: str, skills: Collection[str], now: float, lease: float) -> Task | None:
    """Hand out the first queued task of these skills."""
    heads = [row for skill in set(skills) if (row := connection.execute(_HEAD, {"of_skill": skill}).first())]
    if not heads:
        return None
    row = min(heads, key=lambda head: (-head.priority, head.seq))
    connection.execute(_START, {"place": row.seq, "by": worker_id, "now": now, "until": now + lease})
    return replace(
        task_from(row), status=TaskStatus.RUNNING, worker_id=worker_id, started_at=now, lease_until=now + lease
    )


def renew(connection: Connection, worker_id: str, task_ids: Collection[str], now: float, lease: float) -> list[str]:
    """Prolong the leases of the tasks that this worker runs."""
    found = {row.id for row in rows(connection, _OF_WORKER, task_ids, by=worker_id)}
    held = [task_id for task_id in dict.fromkeys(task_ids) if task_id in found]
    if held:
        connection.execute(_RENEW, [{"task": task_id, "until": now + lease} for task_id in held])
    return held


def release(connection: Connection, worker_id: str, task_id: str) -> bool:
    """Put a running task back into its old place."""
    held = [row.id for row in rows(connection, _OF_WORKER, [task_id], by=worker_id)]
    if held:
        connection.execute(_REQUEUE, {"task": task_id})
    return bool(held)


def release_expired(connection: Connection, now: float) -> list[Task]:
    """Put every task whose lease has ended back into its old place."""
    found = sorted(connection.execute(_EXPIRED, {"now": now}), key=lambda row: row.seq)
    if found:
        connection.execute(_REQUEUE, [{"task": row.id} for row in found])
    return [
        replace(task_from(row), status=TaskStatus.QUEUED, worker_id=None, started_at=None, lease_until=None)
        for row in found
    ]
