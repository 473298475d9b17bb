"""Claims of jobs by engines."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, null, or_, select, update

from fw_orchestrator.model import Job
from fw_store_sql.driver import Prepared
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import job_from
from fw_store_sql.tables import FREE, HELD, MOST_ROWS, jobs

_NOTE_EXPIRED = update(jobs).where(HELD, jobs.c.lease_until <= bindparam("now")).values(held=0)
# A caller whose clock is ahead may have noted the end of a lease that has not ended for this one.
_FREE = (
    select(jobs)
    .where(FREE, or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= bindparam("now")))
    .order_by(jobs.c.updated_at, jobs.c.seq)
    .limit(bindparam("most"))
)
_FREE_OF = _FREE.where(jobs.c.definition.in_(bindparam("known", expanding=True)))
_OF_OWNER = select(jobs.c.id).where(among(jobs.c.id), jobs.c.owner == bindparam("by"))
_HOLD = Prepared(
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(owner=bindparam("by"), lease_until=bindparam("until"), held=1)
)
_RELEASE = Prepared(update(jobs).where(jobs.c.id == bindparam("job")).values(owner=null(), lease_until=null(), held=0))


def claim(
    connection: Connection, owner: str, now: float, lease: float, limit: int, definitions: Collection[str] | None
) -> list[Job]:
    """Take ready jobs that nobody holds, the longest unchanged first."""
    if limit <= 0:
        return []
    connection.execute(_NOTE_EXPIRED, {"now": now})
    values = {"now": now, "most": min(limit, MOST_ROWS)}
    if definitions is None:
        free = connection.execute(_FREE, values)
    else:
        free = connection.execute(_FREE_OF, {**values, "known": list(definitions)})
    found = [job_from(row) for row in free]
    _change(connection, _HOLD, [job.id for job in found], by=owner, until=now + lease)
    return found


def renew(connection: Connection, owner: str, job_ids: Collection[str], now: float, lease: float) -> list[str]:
    """Prolong the claims that ``owner`` still holds."""
    held = _held(connection, owner, job_ids)
    _change(connection, _HOLD, held, by=owner, until=now + lease)
    return held


def release(connection: Connection, owner: str, job_ids: Collection[str]) -> None:
    """End the claims that ``owner`` still holds."""
    _change(connection, _RELEASE, _held(connection, owner, job_ids))


def _held(connection: Connection, owner: str, job_ids: Collection[str]) -> list[str]:
    found = {row.id for row in rows(connection, _OF_OWNER, job_ids, by=owner)}
    return [job_id for job_id in dict.fromkeys(job_ids) if job_id in found]


def _change(connection: Connection, statement: Prepared, job_ids: list[str], **values: object) -> None:
    statement.run(connection, [{"job": job_id, **values} for job_id in job_ids])
