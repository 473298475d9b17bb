"""Creating jobs, and claims of jobs by engines."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio

import pytest

from fw_orchestrator.model import Cancelled, Claim, JobStatus, Sweep
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import a_job, a_transition, an_entry, claim


class ClaimContract(StoreFixtures):
    """``create``, ``claim_jobs``, ``renew_jobs``, ``release_jobs``."""

    async def test_a_created_job_is_kept_as_given(self, store: JobStore) -> None:
        job = a_job(initial_data={"n": 1}, state_history={"k": [1, 2]}, version=3, ready=False)
        await store.create([job])
        assert await store.job("j") == job

    async def test_creating_an_id_twice_adds_nothing(self, store: JobStore) -> None:
        await store.create([a_job("old")])
        for known in ("old", "new"):
            with pytest.raises(StoreError, match=f"'{known}'"):
                await store.create([a_job("new"), a_job(known)], [an_entry("created", "new")])
        assert [job.id for job in await store.jobs()] == ["old"]
        assert await store.history("new") == []

    async def test_history_of_a_job_that_is_not_created_is_refused(self, store: JobStore) -> None:
        await store.create([a_job("old")])
        with pytest.raises(StoreError, match="'old'"):
            await store.create([a_job("new")], [an_entry("created", "old")])
        assert await store.job("new") is None

    async def test_a_job_cannot_be_ready_and_terminal(self, store: JobStore) -> None:
        with pytest.raises(StoreError, match="'j'"):
            await store.create([a_job(status=JobStatus.FINISHED, ready=True)])
        assert await store.job("j") is None

    async def test_empty_batches_do_nothing(self, store: JobStore) -> None:
        await store.create([])
        assert await store.commit([]) == []
        assert await store.finish_tasks([]) == []
        assert await store.renew_jobs("e1", [], now=1.0, lease=1.0) == []
        assert await store.renew_tasks("w1", [], now=1.0, lease=1.0) == []
        await store.release_jobs("e1", [])
        assert await store.claim_tasks("w1", [], now=1.0, lease=1.0) == []
        assert await store.sweep(now=1.0, max_attempts=3) == Sweep()
        assert await store.cancel_jobs([], at=1.0, reason="none") == Cancelled()
        assert await store.purge([], before=9.0) == []

    async def test_a_job_created_with_a_claim_is_held_until_that_ends(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job("mine")], [an_entry("created", "mine")], claim=Claim("e1", 10.0))
        await store.create([a_job("free")])
        assert await claim(peer, "e2", now=9.9) == ["free"]
        assert await store.renew_jobs("e2", ["mine"], now=9.9, lease=1.0) == []
        assert await store.renew_jobs("e1", ["mine"], now=9.9, lease=1.1) == ["mine"]
        assert await claim(peer, "e2", now=10.5) == []
        assert await claim(peer, "e2", now=11.0) == ["mine"]

    async def test_a_job_created_with_a_claim_moves_for_its_holder_only(self, store: JobStore) -> None:
        await store.create([a_job()], claim=Claim("e1", 10.0))
        assert await store.commit([a_transition(owner="e2")]) == [False]
        assert await store.commit([a_transition(owner="e1")]) == [True]

    async def test_a_claim_given_with_a_key_that_is_known_changes_nothing(self, store: JobStore) -> None:
        await store.create([a_job("old", key="k")])
        assert await store.create([a_job("new", key="k")], claim=Claim("e1", 10.0)) == ["old"]
        assert await claim(store, "e2", now=1.0) == ["old"]

    async def test_the_longest_unchanged_job_comes_first_then_the_first_created(self, store: JobStore) -> None:
        await store.create([a_job("late", 3.0), a_job("b", 2.0), a_job("a", 2.0), a_job("early", 1.0)])
        assert await claim(store) == ["early", "b", "a", "late"]
        assert await store.commit([a_transition("early", at=9.0)]) == [True]
        await store.release_jobs("e1", ["late", "a"])
        assert await claim(store) == ["a", "late", "early"]

    async def test_a_claim_takes_no_more_than_its_limit(self, store: JobStore) -> None:
        await store.create([a_job(str(number), float(number)) for number in range(5)])
        assert [await claim(store, limit=limit) for limit in (0, -1)] == [[], []]
        assert await claim(store, limit=2) == ["0", "1"]
        assert await claim(store, limit=2**70) == ["2", "3", "4"]

    async def test_a_job_that_is_not_ready_is_not_claimed(self, store: JobStore) -> None:
        await store.create([a_job(ready=False)])
        assert await claim(store) == []

    async def test_only_jobs_of_the_definitions_asked_for_are_claimed(self, store: JobStore) -> None:
        await store.create([a_job(d, float(n), definition=d) for n, d in enumerate(("old", "x", "y"))])

        async def ids(*definitions: str) -> list[str]:
            found = await store.claim_jobs("e", now=1.0, lease=30.0, limit=9, definitions=definitions)
            return [job.id for job in found]

        assert [await ids("y", "x"), await ids(), await ids("old")] == [["x", "y"], [], ["old"]]

    async def test_jobs_of_several_definitions_come_in_one_order(self, store: JobStore) -> None:
        await store.create([a_job(f"{n}", definition=d) for n, d in enumerate(("y", "x", "y", "x"))])
        found = await store.claim_jobs("e", now=1.0, lease=30.0, limit=3, definitions=["x", "y"])
        assert [job.id for job in found] == ["0", "1", "2"]

    async def test_a_key_is_used_once(self, store: JobStore, peer: JobStore) -> None:
        assert await store.create([a_job("a", key="k"), a_job("b"), a_job("c", key="k")]) == ["a", "b", "a"]
        again = await peer.create([a_job("d", key="k"), a_job("e", key="l")], [an_entry("created", "d")])
        assert again == ["a", "e"]
        assert [job.id for job in await store.jobs()] == ["e", "b", "a"]
        assert await store.history("d") == []

    async def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job()])
        assert await claim(store, "e1", now=10.0) == ["j"]
        assert await claim(store, "e1", now=11.0) == []
        assert await claim(peer, "e2", now=39.9) == []
        assert await claim(peer, "e2", now=40.0) == ["j"]

    async def test_an_ended_lease_does_not_change_the_order(self, store: JobStore) -> None:
        await store.create([a_job("b", 2.0)])
        assert await claim(store) == ["b"]
        await store.create([a_job("a", 1.0), a_job("c", 3.0)])
        assert await claim(store, "e2", now=50.0) == ["a", "b", "c"]

    async def test_a_clock_that_is_ahead_frees_nothing_for_one_that_is_behind(self, store: JobStore) -> None:
        await store.create([a_job("a", 1.0), a_job("b", 2.0)])
        assert await claim(store, now=10.0) == ["a", "b"]
        assert await claim(store, "fast", now=100.0, limit=1) == ["a"]
        assert await claim(store, "slow", now=20.0) == []
        assert await claim(store, "slow", now=40.0) == ["b"]

    async def test_a_renewed_claim_lasts_from_now(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job()])
        await claim(store, "e1", now=10.0)
        assert await store.renew_jobs("e1", ["j"], now=35.0, lease=30.0) == ["j"]
        assert await claim(peer, "e2", now=64.0) == []
        assert await claim(peer, "e2", now=65.0) == ["j"]

    async def test_an_ended_claim_can_be_renewed_until_somebody_takes_the_job(self, store: JobStore) -> None:
        await store.create([a_job("a"), a_job("b", 2.0)])
        await claim(store, "e1", now=0.0)
        assert await claim(store, "e2", now=100.0, limit=1) == ["a"]
        assert await store.renew_jobs("e1", ["b", "a", "unknown", "b"], now=101.0, lease=30.0) == ["b"]
        assert await claim(store, "e2", now=102.0) == []

    async def test_a_released_job_is_free_at_once_in_its_old_place(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job("a", 1.0), a_job("b", 2.0), a_job("c", 3.0)])
        await claim(store, "e1", limit=2)
        before = await store.job("a")
        await store.release_jobs("e1", ["b", "a", "unknown"])
        assert await store.job("a") == before
        assert await claim(peer, "e2") == ["a", "b", "c"]

    async def test_only_the_holder_can_release_or_renew(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store, "e1")
        await store.release_jobs("e2", ["j"])
        assert await store.renew_jobs("e2", ["j"], now=1.0, lease=999.0) == []
        assert await claim(store, "e2") == []
        assert await store.commit([a_transition()]) == [True]

    async def test_claims_made_at_the_same_time_never_overlap(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job(f"{number:03}") for number in range(60)])
        batches = await asyncio.gather(
            *(claim(handle, owner, limit=7) for _ in range(6) for handle, owner in ((store, "e1"), (peer, "e2")))
        )
        taken = [job_id for batch in batches for job_id in batch]
        assert sorted(taken) == [f"{number:03}" for number in range(60)]
