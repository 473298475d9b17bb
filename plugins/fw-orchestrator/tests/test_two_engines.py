"""Two engines on one store: handlers may run twice, transitions happen once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import Claim, HistoryEntry, Job, JobStatus, Transition

from .orchestration import PATIENCE, Hand, Site, fan_out, flow, site

COUNT = 20


class GreedyStore(MemoryStorage):
    """Its leases of jobs end at once, so that every engine takes every job; only the fence protects now."""

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        return await super().claim_jobs(owner, **(options | {"lease": 1e-6}))

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        return await super().create(jobs, history, claim=claim and replace(claim, until=0.0))

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        return []


class UnfencedStore(GreedyStore):
    """Broken on purpose: it writes what comes, whoever sends it and whatever version it was made for."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        for transition in transitions:
            slot = self._ledger.jobs.get(transition.job_id)
            assert slot is not None
            self._ledger.apply(slot, replace(transition, expected_version=slot.job.version))
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


async def moved_wrongly(store: MemoryStorage) -> list[list[str]]:
    """Steps jobs whose first state both engines handle at once; the histories that do not tell of one way through."""
    meeting = Meeting()
    async with two_sites(store, flow(meeting.start)) as (one, other):
        ids = [await one.create() for _ in range(COUNT)]
        other.engine.job_ready()
        for job_id in ids:
            await one.ended(job_id)
        assert [meeting.calls[job_id] >= 2 for job_id in ids] == [True] * COUNT
    # Both engines have ended their steps now, the one that came second too.
    histories = [[entry.event for entry in await store.history(job_id)] for job_id in ids]
    return [events for events in histories if events != ["job_created", "state_entered", "job_finished"]]


async def test_a_job_stepped_by_two_engines_at_once_moves_once() -> None:
    assert await moved_wrongly(GreedyStore()) == []


async def test_the_check_above_notices_a_store_without_a_fence() -> None:
    assert await moved_wrongly(UnfencedStore()) != []


async def test_two_engines_share_jobs_and_workers() -> None:
    store = MemoryStorage()
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
        for job in jobs:
            events = Counter(entry.event for entry in await store.history(job.id))
            assert events == {
                "job_created": 1,
                "tasks_dispatched": 1,
                "task_finished": 3,
                "state_entered": 2,
                "job_finished": 1,
            }


async def test_a_job_of_an_engine_that_vanished_is_taken_over_when_its_lease_ends() -> None:
    store = MemoryStorage()
    async with site(flow(lambda actions: actions.transition_to("done")), store=store) as running:
        running.engine.surroundings.clock = lambda: 1000.0
        definition = running.engine.blueprints["flow"].definition
        job = Job(id="j", blueprint="flow", definition=definition, state="start", created_at=1.0, updated_at=1.0)
        await store.create([job])
        [claimed] = await store.claim_jobs("vanished", now=990.0, lease=10.5, limit=1)
        assert claimed.id == "j"
        running.engine.job_ready()
        other = await running.create()
        await running.ended(other)
        assert await store.job("j") == job
        running.engine.surroundings.clock = lambda: 1001.0
        running.engine.job_ready()
        assert (await running.ended("j")).status is JobStatus.FINISHED
