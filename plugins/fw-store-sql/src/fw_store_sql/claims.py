"""Claims of jobs by engines."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Connection, bindparam, select

from fw_orchestrator.model import Job
from fw_store_sql.driver import Change, Values, columns, fetched, marks
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import job_from
from fw_store_sql.tables import FREE, HELD, MOST_ROWS, jobs

_NOTE_EXPIRED = f"UPDATE jobs SET held = 0 WHERE {HELD.text} AND lease_until <= ?"  # noqa: S608 - our own condition


@cache
def _take(definitions: int | None) -> str:
    """The statement that takes jobs of any definition, or of so many definitions."""
    which = "" if definitions is None else f" AND definition IN {marks(definitions)}"
    # A caller whose clock is ahead may have noted the end of a lease that has not ended for this one.
    return (
        f"UPDATE jobs SET owner = ?, lease_until = ?, held = 1 WHERE seq IN (SELECT seq FROM jobs WHERE {FREE.text} "  # noqa: S608 - our own names
        f"AND (lease_until IS NULL OR lease_until <= ?){which} ORDER BY updated_at, seq LIMIT ?) "
        f"RETURNING {columns(jobs)}"
    )


_CHANGED = list(jobs.c).index(jobs.c.updated_at)
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
    fetched(connection, _NOTE_EXPIRED, (now,))
    known = () if definitions is None else tuple(definitions)
    sql = _take(None if definitions is None else len(known))
    found = fetched(connection, sql, (owner, now + lease, now, *known, min(limit, MOST_ROWS)))
    found.sort(key=_place)
    return [job_from(row) for row in found]


def _place(row: Values) -> tuple[float, int]:
    """Where a job stands among those to be claimed."""
    return row[_CHANGED], row[0]


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
