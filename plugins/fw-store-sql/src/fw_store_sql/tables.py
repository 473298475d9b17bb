"""The tables, and one index for each thing an engine or a worker asks for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, text

SCHEMA_VERSION: Final = 4

MOST_ROWS: Final = 2**63 - 1
"""No table is longer: SQLite's integers end here."""

metadata = MetaData()

schema = Table("fw_job_store", metadata, Column("version", Integer, nullable=False))
"""One row: the version of the schema."""

# ``seq`` is the order of creation. JSON stands in text columns. ``held`` is 1 while a claim is believed to last: an
# expired one keeps its owner, who may still renew it, until somebody else takes the job.
jobs = Table(
    "jobs",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("blueprint", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ready", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("initial_data", Text, nullable=False),
    Column("state_history", Text, nullable=False),
    Column("awaited", Text),
    Column("tasks_total", Integer, nullable=False),
    Column("tasks_open", Integer, nullable=False),
    Column("tasks_succeeded", Integer, nullable=False, server_default="0"),
    Column("result", Text),
    Column("error", Text),
    Column("options", Text, nullable=False),
    Column("key", Text),
    Column("parent_id", Text),
    Column("parent_task", Text),
    Column("depth", Integer, nullable=False),
    Column("owner", Text),
    Column("held", Integer, nullable=False, server_default="0"),
    Column("lease_until", Float),
)

# ``alarm`` is the next moment at which time changes something for the task.
tasks = Table(
    "tasks",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("retries", Integer),
    Column("kind", Text, nullable=False),
    Column("skill", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("enqueued_at", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("not_before", Float),
    Column("dispatch_timeout", Float),
    Column("dispatch_deadline", Float),
    Column("result_timeout", Float),
    Column("result_deadline", Float),
    Column("requirements", Text, nullable=False),
    Column("worker_id", Text),
    Column("started_at", Float),
    Column("lease_until", Float),
    Column("alarm", Float),
    Column("outcome", Text),
)

history = Table(
    "history",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("event", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("registration", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("seen_at", Float, nullable=False),
)

used = Table(
    "used",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("until", Float, nullable=False),
)
"""What is good for one use, and was used."""

# SQLite uses a partial index only for a query that repeats its condition word for word, without parameters.
FREE = text("ready = 1 AND held = 0")
HELD = text("ready = 1 AND held = 1")
QUEUED = text("status = 'queued'")
RUNNING = text("status = 'running'")
ALARMED = text("alarm IS NOT NULL")
ENDED = text("status IN ('cancelled', 'failed', 'finished', 'quarantined')")

Index("jobs_free", jobs.c.updated_at, jobs.c.seq, jobs.c.definition, sqlite_where=FREE)
Index("jobs_held", jobs.c.lease_until, sqlite_where=HELD)
Index("jobs_by_key", jobs.c.key, unique=True, sqlite_where=text("key IS NOT NULL"))
Index("jobs_by_status", jobs.c.status)
Index("jobs_ended", jobs.c.updated_at, jobs.c.seq, sqlite_where=ENDED)
Index("tasks_queued", tasks.c.skill, tasks.c.priority.desc(), tasks.c.seq, sqlite_where=QUEUED)
Index("tasks_alarm", tasks.c.alarm, sqlite_where=ALARMED)
Index("tasks_of_job", tasks.c.job_id, tasks.c.step, tasks.c.number, tasks.c.attempt)
Index("used_until", used.c.until)
Index("history_of_job", history.c.job_id)
