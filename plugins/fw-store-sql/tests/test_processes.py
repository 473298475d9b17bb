"""Several processes and sudden deaths."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from fw_orchestrator.model import Job, JobStatus, Task, TaskStatus, Transition
from fw_store_sql import SQLStorage

WRITER = Path(__file__).with_name("writer.py")


@contextmanager
def writer(path: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """A writing process that has opened the store; killed at the end."""
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path), what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def acknowledged_before_death(path: Path, what: str, lines: int) -> dict[str, int]:
    """Kill a writer after some acknowledgements; the last step acknowledged of each job, up to the very end."""
    with writer(path, what) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
    return {job_id: int(step) for job_id, step in (line.split() for line in said if line.endswith("\n"))}


async def lost(path: Path, acknowledged: dict[str, int]) -> list[str]:
    """The acknowledged jobs that are missing or have not come as far. Checks that what is there is whole."""
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    found = {job.id: job for job in await store.jobs(limit=10_000)}
    assert len(found) <= len(acknowledged) + 1
    for job in found.values():
        assert job.state == str(job.version)
        assert [entry.event for entry in await store.history(job.id)] == [str(n) for n in range(job.version + 1)]
        tasks = await store.tasks(job.id)
        assert len(tasks) == 2 * job.version
        still_open = [task for task in tasks if task.status is not TaskStatus.DONE]
        assert (job.tasks_open, len(still_open)) == ((2, 2) if job.version else (0, 0))
    await store.create([Job(id="after", blueprint="b", definition="d", state="s", created_at=1.0, updated_at=1.0)])
    await store.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()
    return [job_id for job_id, step in acknowledged.items() if job_id not in found or found[job_id].version < step]


@pytest.mark.parametrize("lines", [5, 28, 60, 119])
async def test_nothing_acknowledged_is_lost_and_nothing_is_half_written_by_kill_9(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "jobs.db"
    assert await lost(path, acknowledged_before_death(path, "commit", lines)) == []


async def test_the_loss_of_a_store_that_does_not_commit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    assert len(await lost(path, acknowledged_before_death(path, "forget", 9))) >= 3


JOBS = [f"j{number}" for number in range(60)]
TASKS = [f"t{number}" for number in range(120)]


async def taken_by_two(path: Path, deed: str) -> list[str]:
    """What two processes together claim of these jobs and tasks."""
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    await store.create([Job(id="j", blueprint="b", definition="d", state="s", created_at=0.0, updated_at=0.0)])
    await store.claim_jobs("test", now=1.0, lease=60.0, limit=1)
    queued = tuple(
        Task(id=task_id, job_id="j", step=1, number=n, skill="s", params={}, enqueued_at=1.0)
        for n, task_id in enumerate(TASKS)
    )
    transition = Transition(
        job_id="j",
        owner="test",
        expected_version=0,
        at=1.0,
        state="s",
        status=JobStatus.WAITING_FOR_PARALLEL_TASKS,
        ready=False,
        state_history={},
        tasks=queued,
    )
    assert await store.commit([transition]) == [True]
    await store.create(
        [Job(id=job_id, blueprint="b", definition="d", state="s", created_at=1.0, updated_at=1.0) for job_id in JOBS]
    )
    await store.close()
    with writer(path, deed) as one, writer(path, deed) as other:
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        taken = [process.communicate(timeout=60)[0].split() for process in (one, other)]
    assert all(taken), "one process did all the work: the test shows nothing"
    return sorted(taken[0] + taken[1])


async def test_two_processes_never_claim_the_same(tmp_path: Path) -> None:
    assert await taken_by_two(tmp_path / "jobs.db", "claim") == sorted(JOBS + TASKS)


async def test_processes_that_look_first_and_take_afterwards_are_noticed(tmp_path: Path) -> None:
    taken = await taken_by_two(tmp_path / "jobs.db", "look")
    assert len(set(taken)) < len(taken)


def test_processes_may_create_the_same_file_at_the_same_time(tmp_path: Path) -> None:
    paths = [f"{tmp_path}/{number}.db" for number in range(20)]
    with writer(tmp_path, "create") as one, writer(tmp_path, "create") as other:
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("\n".join([*paths, "", ""]))
            process.stdin.flush()
        said = [process.communicate(timeout=60)[0].split() for process in (one, other)]
    assert said == [paths, paths]
