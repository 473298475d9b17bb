"""Two engines on one store: handlers may run twice, transitions happen once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import Job, JobStatus, Transition

from .orchestration import PATIENCE, Hand, Site, fan_out, flow, site

COUNT = 20


class CountingStore(MemoryStorage):
    """Notes which transitions it has applied."""

    def __init__(self) -> None:
        super().__init__()
        self.applied: Counter[tuple[str, int]] = Counter()

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        accepted = await super().commit(transitions)
        for transition, applied in zip(transitions, accepted, strict=True):
            if applied:
                self.applied[transition.job_id, transition.expected_version] += 1
        return accepted


class GreedyStore(CountingStore):
    """Hands every ready job to whoever asks, as if each lease had just ended; only the fence protects now."""

    async def claim_jobs(self, owner: str, *, now: float, lease: float, limit: int) -> list[Job]:
        return await super().claim_jobs(owner, now=now, lease=-1.0, limit=limit)

    async def renew_jobs(self, owner: str, job_ids: Any, *, now: float, lease: float) -> list[str]:
        return []


class UnfencedStore(GreedyStore):
    """Broken on purpose: it writes whatever comes, whoever sends it and whatever version it was made for."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        for index, transition in enumerate(transitions):
            slot = self._jobs.get(transition.job_id)
            assert slot is not None
            if slot.job.version != transition.expected_version:
                self.applied[transition.job_id, transition.expected_version] += 1
            forced = replace(transition, owner=slot.owner or "", expected_version=slot.job.version)
            await super().commit([forced if slot.owner else transition])
            assert index == 0
        return [True] * len(transitions)


@asynccontextmanager
async def two_sites(store: MemoryStorage, blueprint: Any) -> AsyncIterator[tuple[Site, Site]]:
    async with site(blueprint, store=store) as one, site(blueprint, store=store) as other:
        yield one, other


class Meeting:
    """A handler that lets two engines step the same job at the same time, then asks for the next state."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._both: dict[str, asyncio.Event] = {}

    async def start(self, job_id: str, actions: ActionFactory) -> None:
        self.calls[job_id] += 1
        met = self._both.setdefault(job_id, asyncio.Event())
        if self.calls[job_id] == 2:
            met.set()
        async with asyncio.timeout(PATIENCE):
            await met.wait()
        actions.transition_to("done")


async def stepped_twice(store: CountingStore) -> tuple[Meeting, list[Job]]:
    """Jobs whose first state was handled by both engines at once, at their end."""
    meeting = Meeting()
    async with two_sites(store, flow(meeting.start)) as (one, other):
        ids = [await one.create() for _ in range(COUNT)]
        other.engine.job_ready()
        return meeting, [await one.until(job_id, lambda job: job.status is JobStatus.FINISHED) for job_id in ids]


def repeated(store: CountingStore) -> list[tuple[str, int]]:
    return [change for change, count in store.applied.items() if count > 1]


async def test_a_job_stepped_by_two_engines_at_once_moves_once() -> None:
    store = GreedyStore()
    meeting, jobs = await stepped_twice(store)
    assert [meeting.calls[job.id] >= 2 for job in jobs] == [True] * COUNT
    assert repeated(store) == []
    for job in jobs:
        assert job.version == 2
        events = [entry.event for entry in await store.history(job.id)]
        assert events == ["job_created", "state_entered", "job_finished"]


async def test_the_check_above_notices_a_store_without_a_fence() -> None:
    store = UnfencedStore()
    await stepped_twice(store)
    assert repeated(store) != []


async def test_two_engines_share_jobs_and_workers() -> None:
    store = CountingStore()
    async with two_sites(store, fan_out(3)) as (one, other):
        ids = [await site.create() for _ in range(3) for site in (one, other)]
        hands = [Hand(one, "w1"), Hand(other, "w2")]
        for job_id in ids:
            await one.waiting(job_id)
        for number in range(3 * len(ids)):
            hand, deliver_to = hands[number % 2], hands[(number + 1) % 2].site
            task = await hand.task()
            via = Hand(deliver_to, hand.id)
            assert (await via.hand_in(task, data={"n": number})).body == {"status": "accepted"}
        jobs = [await one.ended(job_id) for job_id in ids]
        assert [job.status for job in jobs] == [JobStatus.FINISHED] * len(ids)
        assert sorted(entry["data"]["n"] for job in jobs for entry in job.result) == list(range(3 * len(ids)))
        assert repeated(store) == []


async def test_a_job_of_an_engine_that_vanished_is_taken_over_when_its_lease_ends() -> None:
    store = CountingStore()
    async with site(flow(lambda actions: actions.transition_to("done")), store=store) as running:
        running.engine.clock = lambda: 1000.0
        running.engine._stopping = False
        await store.create([Job(id="j", blueprint="flow", definition=running.engine.blueprints["flow"].definition,
                                state="start", created_at=1.0, updated_at=1.0)])
        [claimed] = await store.claim_jobs("vanished", now=990.0, lease=10.5, limit=1)
        assert claimed.id == "j"
        running.engine.job_ready()
        other = await running.create()
        await running.ended(other)
        job = await store.job("j")
        assert job is not None
        assert job.version == 0
        running.engine.clock = lambda: 1001.0
        running.engine.job_ready()
        assert (await running.ended("j")).status is JobStatus.FINISHED
