"""What the engine does between the steps of a job: wait, stop, take over, bear a store that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import Job, JobStatus
from fw_orchestrator.store import StoreError

from .orchestration import ADMIN_TOKEN, PATIENCE, Hand, flow, one_task, site


async def test_a_job_of_an_unknown_definition_waits_visibly(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStorage()
    gone = [
        Job(id=f"old{n}", blueprint="flow", definition="0" * 16, state="start", created_at=1.0, updated_at=1.0)
        for n in range(2)
    ]
    await store.create(gone)
    async with site(one_task(), store=store) as running:
        worker, later = Hand(running), await running.create()
        await worker.hand_in(await worker.task())
        await running.ended(later)
        assert await store.job("old0") == gone[0]
        shown = (await running.get("/api/jobs/old0")).body
        assert (shown["status"], shown["waiting_for_definition"]) == ("pending", True)
        assert (await running.get(f"/api/jobs/{later}")).body["waiting_for_definition"] is False
        headers = {"X-Admin-Token": ADMIN_TOKEN}
        told = (await running.call("GET", "/api/admin/definitions", headers=headers)).body["waiting"]
        assert told == [{"blueprint": "flow", "definition": "0" * 16, "state": "start", "status": "pending", "jobs": 2}]
        lines = [line for line in caplog.messages if "wait: their definition" in line]
        assert lines == [
            "2 jobs of blueprint 'flow' in state 'start' wait: their definition 0000000000000000 is not registered here"
        ]


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
        ("sweep", "the sweep failed; trying again"),
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
    running_now: set[str] = set()
    most, may_end = [0], asyncio.Event()

    async def start(job_id: str, actions: ActionFactory) -> None:
        running_now.add(job_id)
        most.append(len(running_now))
        await may_end.wait()
        running_now.remove(job_id)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=2) as running, asyncio.timeout(PATIENCE):
        ids = [await running.create() for _ in range(6)]
        while running.engine.active < 2:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
        may_end.set()
        for job_id in ids:
            await running.ended(job_id)
    assert max(most) == 2
    assert len(most) == 1 + 6


async def test_jobs_whose_handlers_overlap_all_finish() -> None:
    """200 jobs, 32 at a time in a handler that waits."""
    inside: set[str] = set()
    full = asyncio.Event()

    async def start(job_id: str, actions: ActionFactory) -> None:
        inside.add(job_id)
        if len(inside) == 32:
            full.set()
        await full.wait()
        await asyncio.sleep(0.001)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=32) as running:
        ids = [await running.app.orchestrator.create_job("flow", {"n": n}) for n in range(200)]
        jobs = [await running.ended(job_id) for job_id in ids]
        assert [job.status for job in jobs] == [JobStatus.FINISHED] * 200
        assert [job.initial_data["n"] for job in jobs] == list(range(200))
        assert [len(await running.store.history(job_id)) for job_id in ids] == [3] * 200
