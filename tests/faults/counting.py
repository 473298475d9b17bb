"""What must be true of a file when all is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fw_orchestrator.model import HistoryEntry, Job, JobStatus
from fw_store_sql import SQLStorage


def tasks_of(number: int) -> int:
    """How many tasks job ``number`` dispatches: none, one, or two."""
    return (0, 1, 0, 2)[number % 4]


async def faults_in(
    path: Path, made: Mapping[str, str], accepted: Collection[tuple[str, str]] = frozenset()
) -> list[str]:
    """All that is wrong with the jobs.

    ``made`` is what clients were told: the job for each key; ``accepted`` what workers were told: the tasks with the
    workers whose result is kept.
    """
    store = SQLStorage(f"sqlite:///{path}", busy_timeout=30.0)
    await store.open()
    jobs = {job.id: job for job in await store.jobs(limit=1_000_000)}
    faults = [f"the job of key {key} is lost" for key, job_id in made.items() if job_id not in jobs]
    faults += [f"job {job_id} is there twice" for job_id in jobs.keys() - set(made.values())]
    lost = set(accepted)
    for job in jobs.values():
        history = await store.history(job.id)
        faults += [f"job {job.id}: {fault}" for fault in _faults_of(job, history)]
        ends = [entry.detail for entry in history if entry.event == "task_finished"]
        lost -= {(end["task_id"], end["worker_id"]) for end in ends}
    await store.close()
    return faults + [f"the result of {task_id} by {worker} was accepted and is lost" for task_id, worker in lost]


def _faults_of(job: Job, history: list[HistoryEntry]) -> Iterator[str]:
    if job.status is not JobStatus.FINISHED:
        yield f"{job.status}, {job.error}"
        return
    number = job.initial_data["tasks"]
    trail = ["start", "gathered", "middle", "done"] if number else ["start", "middle", "done"]
    if job.state_history["trail"] != trail:
        yield f"went {job.state_history['trail']}"
    if job.version != len(trail):
        yield f"has version {job.version} after {len(trail)} transitions"
    if job.state_history.get("sum", 0) != sum(range(number + 1)):
        yield f"has the sum {job.state_history.get('sum')} of {number} tasks"
    told = Counter(entry.event for entry in history)
    expected = Counter(
        job_created=1,
        state_entered=len(trail) - 1,
        task_finished=number,
        tasks_dispatched=min(number, 1),
        job_finished=1,
    )
    if told != expected:
        yield f"has the history {dict(told)}"
