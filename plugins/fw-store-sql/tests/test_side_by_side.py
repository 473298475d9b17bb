"""Calls that wait at the same time share statements, and are answered as if each had come alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fw_orchestrator.model import HistoryEntry, JobStatus, Transition
from fw_orchestrator.store import StoreError
from fw_orchestrator.store_contract.records import a_job
from fw_store_sql import SQLStorage


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLStorage]:
    made = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await made.open()
    yield made
    await made.close()


def a_line(job_id: str) -> HistoryEntry:
    return HistoryEntry(job_id=job_id, at=1.0, event="job_created", state="s")


def step(job_id: str, version: int, *, ready: bool = True) -> Transition:
    return Transition(
        job_id=job_id,
        owner="e",
        expected_version=version,
        at=2.0,
        state=f"s{version + 1}",
        status=JobStatus.RUNNING if ready else JobStatus.FINISHED,
        ready=ready,
        state_history={},
        keep_claim=ready,
        history=(a_line(job_id),),
    )


async def test_each_caller_gets_the_ids_of_its_own_jobs(store: SQLStorage) -> None:
    jobs = [replace(a_job(), id=f"j{n}", key=f"k{n // 2}") for n in range(6)]
    answers = await asyncio.gather(*(store.create([job], [a_line(job.id)]) for job in jobs), store.create([]))
    assert answers == [["j0"], ["j0"], ["j2"], ["j2"], ["j4"], ["j4"], []]
    assert [len(await store.history(job.id)) for job in jobs] == [1, 0, 1, 0, 1, 0]


async def test_a_call_that_is_refused_takes_no_other_with_it(store: SQLStorage) -> None:
    jobs = [replace(a_job(), id=job_id) for job_id in ("a", "b", "a", "c")]
    given = [[a_line("a")], [a_line("c")], [], [a_line("c")]]
    calls = (store.create([job], history) for job, history in zip(jobs, given, strict=True))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(answer, StoreError) for answer in answers] == [False, True, True, False]
    assert sorted(job.id for job in await store.jobs()) == ["a", "c"]


async def test_transitions_of_many_jobs_are_fenced_one_by_one(store: SQLStorage) -> None:
    await store.create([replace(a_job(), id=f"j{n}") for n in range(4)])
    await store.claim_jobs("e", now=1.0, lease=60.0, limit=4)
    calls = [[step("j0", 0)], [step("j1", 5)], [], [step("j2", 0, ready=False), step("j3", 0)]]
    assert await asyncio.gather(*map(store.commit, calls)) == [[True], [False], [], [True, True]]
    found = {job.id: job for job in await store.jobs()}
    assert [found[f"j{n}"].version for n in range(4)] == [1, 0, 1, 1]
    assert [found[f"j{n}"].ready for n in range(4)] == [True, True, False, True]
    assert [len(await store.history(f"j{n}")) for n in range(4)] == [1, 0, 1, 1]


async def test_transitions_of_one_job_follow_each_other(store: SQLStorage) -> None:
    await store.create([replace(a_job(), id="j")])
    await store.claim_jobs("e", now=1.0, lease=60.0, limit=1)
    calls = [[step("j", 0)], [step("j", 0)], [step("j", 1)], [step("j", 2, ready=False)], [step("j", 3)]]
    assert await asyncio.gather(*map(store.commit, calls)) == [[True], [False], [True], [True], [False]]
