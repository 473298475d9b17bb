"""What is asked, the register of workers, and what is good for one use."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from fw_orchestrator.model import HistoryEntry, Job, JobCount, JobStatus, Task, WorkerRecord
from fw_store_sql.driver import columns, fetched
from fw_store_sql.rows import history_from, job_from, task_from, worker_from, worker_values
from fw_store_sql.tables import ENDED, MOST_ROWS, history, jobs, tasks, used, workers

_JOB = f"SELECT {columns(jobs)} FROM jobs WHERE id = ?"  # noqa: S608 - our own names
_PLACE = (jobs.c.blueprint, jobs.c.definition, jobs.c.state, jobs.c.status)
_COUNTS = select(*_PLACE, func.count().label("number")).group_by(*_PLACE).order_by(*_PLACE)
_ENDED = (
    select(jobs.c.id)
    .where(ENDED, jobs.c.status.in_(bindparam("ended", expanding=True)), jobs.c.updated_at < bindparam("before"))
    .order_by(jobs.c.updated_at, jobs.c.seq)
    .limit(bindparam("most"))
)
_DELETE = (
    delete(history).where(history.c.job_id == bindparam("gone")),
    delete(tasks).where(tasks.c.job_id == bindparam("gone")),
    delete(jobs).where(jobs.c.id == bindparam("gone")),
)
_TASK = f"SELECT {columns(tasks)} FROM tasks WHERE id = ?"  # noqa: S608 - our own names
_TASKS = f"SELECT {columns(tasks)} FROM tasks WHERE job_id = ? ORDER BY step, number, attempt"  # noqa: S608 - the same
_TASKS_OF_STEP = f"SELECT {columns(tasks)} FROM tasks WHERE job_id = ? AND step = ? ORDER BY number, attempt"  # noqa: S608 - the same
_HISTORY = select(history).where(history.c.job_id == bindparam("job")).order_by(history.c.seq)
_FORGET = delete(used).where(used.c.until <= bindparam("now"))
_USED = select(used.c.at).where(used.c.mark == bindparam("it"))
_WORKER = select(workers).where(workers.c.id == bindparam("worker"))
_WORKERS = select(workers).where(workers.c.seen_at >= bindparam("since")).order_by(workers.c.id)
_SEEN = (
    update(workers)
    .where(workers.c.id == bindparam("worker"))
    .values(status=bindparam("now_is"), seen_at=bindparam("at"))
)


def job(connection: Connection, job_id: str) -> Job | None:
    """One job."""
    found = fetched(connection, _JOB, (job_id,))
    return job_from(found[0]) if found else None


def newest_jobs(
    connection: Connection,
    statuses: Collection[JobStatus] | None,
    blueprint: str | None,
    state: str | None,
    limit: int,
    offset: int,
) -> list[Job]:
    """Jobs, the last created first."""
    found = (
        select(jobs)
        .order_by(jobs.c.seq.desc())
        .limit(min(max(limit, 0), MOST_ROWS))
        .offset(min(max(offset, 0), MOST_ROWS))
    )
    if statuses is not None:
        found = found.where(jobs.c.status.in_([status.value for status in statuses]))
    if blueprint is not None:
        found = found.where(jobs.c.blueprint == blueprint)
    if state is not None:
        found = found.where(jobs.c.state == state)
    return [job_from(row) for row in connection.execute(found)]


def counts(connection: Connection) -> list[JobCount]:
    """How many jobs there are, by where they stand."""
    return [
        JobCount(
            blueprint=row.blueprint,
            definition=row.definition,
            state=row.state,
            status=JobStatus(row.status),
            number=row.number,
        )
        for row in connection.execute(_COUNTS)
    ]


def purge(connection: Connection, statuses: Collection[JobStatus], before: float, limit: int) -> list[str]:
    """Delete jobs that ended long ago, with all that is theirs."""
    words = [status.value for status in statuses]
    values = {"ended": words, "before": before, "most": min(max(limit, 0), MOST_ROWS)}
    ids = [row.id for row in connection.execute(_ENDED, values)]
    if ids:
        gone = [{"gone": job_id} for job_id in ids]
        for statement in _DELETE:
            connection.execute(statement, gone)
    return ids


def task(connection: Connection, task_id: str) -> Task | None:
    """One task."""
    found = fetched(connection, _TASK, (task_id,))
    return task_from(found[0]) if found else None


def tasks_of(connection: Connection, job_id: str, step: int | None) -> list[Task]:
    """The tasks of a job, by step, number and attempt."""
    if step is None:
        found = fetched(connection, _TASKS, (job_id,))
    else:
        found = fetched(connection, _TASKS_OF_STEP, (job_id, step))
    return [task_from(row) for row in found]


def history_of(connection: Connection, job_id: str) -> list[HistoryEntry]:
    """The history of a job, oldest entry first."""
    return [history_from(row) for row in connection.execute(_HISTORY, {"job": job_id})]


def save_worker(connection: Connection, record: WorkerRecord) -> None:
    """Add or replace a worker."""
    values = worker_values(record)
    replaced = connection.execute(update(workers).where(workers.c.id == record.id).values(values))
    if not replaced.rowcount:
        connection.execute(insert(workers), [values])


def touch_worker(connection: Connection, worker_id: str, status: str, now: float) -> bool:
    """Note a sign of life."""
    return connection.execute(_SEEN, {"worker": worker_id, "now_is": status, "at": now}).rowcount > 0


def worker(connection: Connection, worker_id: str) -> WorkerRecord | None:
    """One worker."""
    row = connection.execute(_WORKER, {"worker": worker_id}).first()
    return worker_from(row) if row else None


def workers_since(connection: Connection, since: float) -> list[WorkerRecord]:
    """Workers by id."""
    return [worker_from(row) for row in connection.execute(_WORKERS, {"since": since})]


def use_once(connection: Connection, mark: str, now: float, until: float) -> float | None:
    """When it was used before."""
    connection.execute(_FORGET, {"now": now})
    before: float | None = connection.execute(_USED, {"it": mark}).scalar()
    if before is None:
        connection.execute(insert(used), [{"mark": mark, "at": now, "until": until}])
    return before
