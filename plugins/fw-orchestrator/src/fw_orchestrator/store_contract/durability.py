"""Data outlive the handle that wrote them."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio

import pytest

from fw_orchestrator.model import FinishAnswer, Job
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.base import OpenStore, StoreFixtures
from fw_orchestrator.store_contract.records import (
    a_finish,
    a_job,
    a_task,
    a_transition,
    an_entry,
    claim,
    dispatched,
    end,
    take,
)


class DurabilityContract(StoreFixtures):
    """``open`` and ``close`` of a store that is not just memory."""

    async def test_everything_is_there_after_closing_and_opening_again(
        self, store: JobStore, open_store: OpenStore
    ) -> None:
        await dispatched(store, a_task("t0", params={"k": "ж"}), a_task("t1", 1))
        await take(store, now=10.0)
        await store.create([a_job("free"), a_job("held", 0.5)], [an_entry("e", "free")])
        assert await claim(store, "e1", now=10.0, limit=1) == ["held"]
        assert await store.use_once("once", now=10.0, until=99.0) is None
        before = await store.jobs(), await store.tasks("j"), await store.history("free")
        await store.close()

        again = open_store("jobs")
        await again.open()
        assert (await again.jobs(), await again.tasks("j"), await again.history("free")) == before
        assert await again.use_once("once", now=11.0, until=99.0) == 10.0
        assert await claim(again, "e2", now=11.0) == ["free"]
        assert await again.commit([a_transition("held")]) == [True]
        assert await take(again) == "t1"
        assert await end(again, a_finish("t0")) is FinishAnswer.ACCEPTED
        await again.close()

    async def test_closing_twice_is_allowed_and_a_closed_store_says_so(self, store: JobStore) -> None:
        await store.close()
        await store.close()
        with pytest.raises(StoreError, match="open"):
            await store.job("j")
        await store.open()
        assert await store.job("j") is None

    async def test_another_name_is_other_data(self, store: JobStore, open_store: OpenStore) -> None:
        await store.create([a_job()])
        other = open_store("other")
        await other.open()
        assert await other.jobs() == []
        await other.close()

    async def test_a_cancelled_caller_leaves_a_whole_batch_or_nothing(self, store: JobStore) -> None:
        batches: list[list[Job]] = [[a_job(f"{b}-{n}") for n in range(50)] for b in range(10)]
        calls = [asyncio.ensure_future(store.create(batch)) for batch in batches]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        found = {job.id for job in await store.jobs(limit=1000)}
        whole = [batch for batch in batches if {job.id for job in batch} <= found]
        assert len(found) == 50 * len(whole)
        assert found
        await store.create([a_job("after")])
        assert "after" in [job.id for job in await store.jobs(limit=1)]
