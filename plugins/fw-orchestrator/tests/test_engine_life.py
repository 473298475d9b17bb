"""What the engine does between the steps of a job: wait, stop, take over, bear a store that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import HistoryEntry, Job, JobStatus
from fw_orchestrator.store import StoreError

from .orchestration import PATIENCE, Hand, flow, one_task, site


async def test_a_job_of_an_unknown_definition_waits_and_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store, job_lease=0.02) as running:
        old = Job(id="old", blueprint="flow", definition="0" * 16, state="start", created_at=1.0, updated_at=1.0)
        await store.create([old], [HistoryEntry(job_id="old", at=1.0, event="job_created", state="start")])
        running.engine.job_ready()
        worker, later = Hand(running), await running.create()
        await worker.hand_in(await worker.task())
        await running.ended(later)
        assert await store.job("old") == old
        lines = [line for line in caplog.messages if "job old waits" in line]
        assert lines == ["job old waits: blueprint 'flow' with definition 0000000000000000 is not registered here"]


async def test_jobs_survive_a_stop_between_two_apps() -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store) as running:
        job_id = await running.create({"n": 1})
        await running.waiting(job_id)
    async with site(one_task(), store=store) as running:
        worker = Hand(running)
        await worker.hand_in(await worker.task(), data={"done": "later"})
        assert (await running.ended(job_id)).result == "later"


async def test_a_stop_lets_the_running_step_commit() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def start(actions: ActionFactory) -> None:
        began.set()
        await may_end.wait()
        actions.transition_to("done")

    store = MemoryStorage()
    async with asyncio.timeout(PATIENCE):
        async with site(flow(start), store=store) as running:
            job_id = await running.create()
            await began.wait()
            stopping = asyncio.create_task(running.app.stop())
            while not running.engine._stopping:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0)
            may_end.set()
            await stopping
            job = await store.job(job_id)
            assert job is not None
            assert (job.state, job.version) == ("done", 1)


class FailingOnce(MemoryStorage):
    """The first call of one of its methods fails, as if the database were away for a moment."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.failed = asyncio.Event()
        works = getattr(self, method)

        async def call(*arguments: Any, **named: Any) -> Any:
            if self.failed.is_set():
                return await works(*arguments, **named)
            self.failed.set()
            raise StoreError("The database is away.")

        setattr(self, method, call)


@pytest.mark.parametrize(
    "method, words",
    [
        ("claim_jobs", "jobs could not be claimed; trying again"),
        ("commit", "could not be stepped; it is tried again when its lease ends"),
        ("renew_jobs", "the sweep failed; trying again"),
        ("release_expired", "the sweep failed; trying again"),
    ],
)
async def test_a_store_that_fails_for_a_moment_costs_time_only(
    method: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = FailingOnce(method)
    async with site(one_task(), store=store, job_lease=0.03) as running, asyncio.timeout(PATIENCE):
        job_id, worker = await running.create(), Hand(running)
        await store.failed.wait()
        polling = asyncio.create_task(worker.task())
        while not polling.done():
            running.engine.job_ready()
            await asyncio.sleep(0.005)
        await worker.hand_in(await polling)
        assert (await running.ended(job_id)).status is JobStatus.FINISHED
        assert words in caplog.text
        assert "The database is away." in caplog.text


async def test_no_more_jobs_run_at_once_than_configured() -> None:
    running_now: list[str] = []
    most: list[int] = []

    async def start(job_id: str, actions: ActionFactory) -> None:
        running_now.append(job_id)
        most.append(len(running_now))
        await asyncio.sleep(0)
        running_now.remove(job_id)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=2) as running:
        for job_id in [await running.create() for _ in range(6)]:
            await running.ended(job_id)
        assert len(most) == 6
        assert max(most) <= 2
