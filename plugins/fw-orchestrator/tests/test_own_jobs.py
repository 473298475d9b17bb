"""An engine goes on with the jobs that it creates, without asking the store for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import Claim, HistoryEntry, Job
from fw_orchestrator.surroundings import Surroundings

from .orchestration import PATIENCE, flow, site


class Clinging(MemoryStorage):
    """Never hands out a job."""

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        return []


class Slow(MemoryStorage):
    """Answers a while after it has created a job."""

    def __init__(self) -> None:
        super().__init__()
        self.created = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        ids = await super().create(jobs, history, claim=claim)
        self.created.set()
        await self.may_answer.wait()
        return ids


async def test_a_new_job_needs_no_claim() -> None:
    async with site(flow(lambda actions: actions.transition_to("done")), store=Clinging()) as running:
        await running.ended(await running.create())


async def test_a_job_that_is_there_already_takes_up_no_room_and_does_not_begin_again() -> None:
    begun: list[str] = []

    def start(job_id: str, actions: ActionFactory) -> None:
        begun.append(job_id)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=2) as running:
        create = running.app.orchestrator.create_job
        first = await running.ended(await create("flow", key="order-7"))
        for _ in range(2):
            assert await create("flow", key="order-7") == first.id
            assert running.engine.active == 0
        last = await running.ended(await create("flow"))
        assert begun == [first.id, last.id]
        assert running.engine.counted["jobs_created"] == 2


async def test_a_job_whose_creator_has_gone_is_given_back_and_runs() -> None:
    store = Slow()
    async with site(flow(lambda actions: actions.transition_to("done")), store=store) as running:
        creator = asyncio.create_task(running.app.orchestrator.create_job("flow"))
        async with asyncio.timeout(PATIENCE):
            await store.created.wait()
        creator.cancel()
        with pytest.raises(asyncio.CancelledError):
            await creator
        [job] = await store.jobs()
        await running.ended(job.id)


async def test_a_full_engine_lets_jobs_wait_their_turn() -> None:
    may_end, begun = asyncio.Event(), list[int]()

    async def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        begun.append(initial_data["n"])
        await may_end.wait()
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=1) as running:
        ids = [await running.app.orchestrator.create_job("flow", {"n": n}) for n in range(4)]
        may_end.set()
        for job_id in ids:
            await running.ended(job_id)
    assert begun == [0, 1, 2, 3]


def test_ids_are_uuids_that_grow_with_time() -> None:
    now = [1_795_295_011.0]
    surroundings = Surroundings(lambda: now[0], Random(7))  # noqa: S311 - a test repeats itself
    first, same_time = surroundings.new_id(), surroundings.new_id()
    now[0] += 0.001
    later = surroundings.new_id()
    assert [UUID(one).version for one in (first, same_time, later)] == [7, 7, 7]
    assert UUID(first).int >> 80 == 1_795_295_011_000
    assert first != same_time
    assert max(first, same_time) < later
