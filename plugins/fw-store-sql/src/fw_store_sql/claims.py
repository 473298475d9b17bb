"""Claims of jobs by engines."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, or_, select, update

from fw_orchestrator.model import Job
from fw_store_sql.driver import Change
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
_HOLD = Change(
    "jobs", ("job", "by", "until"), "owner = given.by, lease_until = given.until, held = 1", "jobs.id = given.job"
)
_RELEASE = Change("jobs", ("job",), "owner = NULL, lease_until = NULL, held = 0", "jobs.id = given.job")


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
    _HOLD.run(connection, [(job.id, owner, now + lease) for job in found])
    return found


def renew(connection: Connection, owner: str, job_ids: Collection[str], now: float, lease: float) -> list[str]:
    """Prolong the claims that ``owner`` still holds."""
    held = _held(connection, owner, job_ids)
    _HOLD.run(connection, [(job_id, owner, now + lease) for job_id in held])
    return held


def release(connection: Connection, owner: str, job_ids: Collection[str]) -> None:
    """End the claims that ``owner`` still holds."""
    _RELEASE.run(connection, [(job_id,) for job_id in _held(connection, owner, job_ids)])


def _held(connection: Connection, owner: str, job_ids: Collection[str]) -> list[str]:
    found = {row.id for row in rows(connection, _OF_OWNER, job_ids, by=owner)}
    return [job_id for job_id in dict.fromkeys(job_ids) if job_id in found]
