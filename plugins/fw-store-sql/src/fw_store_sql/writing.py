"""New rows."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from fw_orchestrator.consistency import check_ready
from fw_orchestrator.model import Claim, HistoryEntry, Job
from fw_orchestrator.store import StoreError
from fw_store_sql.driver import Insertion, Values
from fw_store_sql.lookup import among, rows
from fw_store_sql.rows import HISTORY_COLUMNS, JOB_COLUMNS, TASK_COLUMNS, history_values, job_values
from fw_store_sql.tables import history, jobs, tasks

_JOB_IDS = select(jobs.c.id).where(among(jobs.c.id))
_TASK_IDS = select(tasks.c.id).where(among(tasks.c.id))
_ADD_JOB = Insertion(jobs, JOB_COLUMNS)
_ADD_TASK = Insertion(tasks, TASK_COLUMNS)
_ADD_LINE = Insertion(history, HISTORY_COLUMNS)


def add_jobs(connection: Connection, new: Sequence[tuple[Job, Claim | None]]) -> None:
    """Create jobs, each free or claimed. Raises :class:`StoreError` if an id exists."""
    ids = [job.id for job, _ in new]
    for job, _ in new:
        check_ready(job.id, job.status, job.ready)
    values = [job_values(job, *((claim.owner, claim.until) if claim else (None, None))) for job, claim in new]
    try:
        _ADD_JOB.run(connection, values)
    except sqlite3.IntegrityError as error:
        known = _known(connection, _JOB_IDS, ids, error)
        if known is None:
            raise
        raise StoreError(
            f"A job with the id {known!r} exists already.",
            remedy="Give every job an id of its own; none was created.",
        ) from error


def add_tasks(connection: Connection, values: Sequence[Values]) -> None:
    """Dispatch new tasks. Raises :class:`StoreError` if an id exists."""
    try:
        _ADD_TASK.run(connection, values)
    except sqlite3.IntegrityError as error:
        ids = [value[0] for value in values]
        known = _known(connection, _TASK_IDS, ids, error)
        if known is None:
            raise
        raise StoreError(
            f"A task with the id {known!r} exists already.", remedy="Give every attempt an id of its own."
        ) from error


def add_history(connection: Connection, entries: Sequence[HistoryEntry]) -> None:
    """Write history entries of known jobs."""
    _ADD_LINE.run(connection, history_values(entries))


def _known(
    connection: Connection, ids_of: Select[Any], ids: Sequence[str], error: sqlite3.IntegrityError
) -> str | None:
    """The id that could not be inserted because it exists; None if that is not what went wrong."""
    if "UNIQUE" not in str(error):
        return None
    twice = [one for one, number in Counter(ids).items() if number > 1]
    # Rows before the one that failed have been inserted, and are found too.
    found = {row.id for row in rows(connection, ids_of, ids)}
    return next(iter(twice), None) or next((one for one in reversed(ids) if one in found), None)
