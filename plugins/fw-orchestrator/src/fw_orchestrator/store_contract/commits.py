"""Fenced transitions."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from fw_orchestrator.model import (
    TERMINAL,
    AwaitedFanOut,
    AwaitedTask,
    Failure,
    FinishAnswer,
    Job,
    JobStatus,
    Task,
    TaskOutcome,
    TaskStatus,
)
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import (
    a_finish,
    a_job,
    a_task,
    a_transition,
    an_entry,
    claim,
    end,
    lost,
    take,
)


class CommitContract(StoreFixtures):
    """``commit``."""

    async def claimed(self, store: JobStore, *ids: str) -> None:
        await store.create([a_job(job_id) for job_id in ids or ("j",)])
        await claim(store)

    async def test_a_transition_replaces_what_it_names_and_keeps_the_rest(self, store: JobStore) -> None:
        await store.create([a_job(initial_data={"kept": True}, state_history={"gone": 1})])
        await claim(store)
        change = a_transition(
            at=7.0,
            state="waiting",
            status=JobStatus.WAITING_FOR_PARALLEL_TASKS,
            ready=False,
            state_history={"new": 2},
            awaited=AwaitedFanOut(aggregate_into="sum", require=1),
            tasks=(a_task("t0"), a_task("t1", 1)),
        )
        assert await store.commit([change]) == [True]
        assert await store.job("j") == Job(
            id="j",
            blueprint="b",
            definition="d",
            state="waiting",
            created_at=1.0,
            updated_at=7.0,
            status=JobStatus.WAITING_FOR_PARALLEL_TASKS,
            version=1,
            ready=False,
            initial_data={"kept": True},
            state_history={"new": 2},
            awaited=AwaitedFanOut(aggregate_into="sum", require=1),
            tasks_total=2,
            tasks_open=2,
        )
        assert await store.tasks("j") == [a_task("t0"), a_task("t1", 1)]

    async def test_a_transition_replaces_awaited_result_and_error_too(self, store: JobStore) -> None:
        awaited = AwaitedTask(transitions={"success": "done"})
        error = Failure(code="x", message="m", details={"a": [1]})
        await store.create([a_job(awaited=awaited, result=[1], error=error)])
        await claim(store)
        job = await store.job("j")
        assert job is not None
        assert (job.awaited, job.result, job.error) == (awaited, [1], error)
        await store.commit([a_transition()])
        job = await store.job("j")
        assert job is not None
        assert (job.awaited, job.result, job.error) == (None, None, None)

    @pytest.mark.parametrize(
        "wrong", [{"version": 1}, {"owner": "e2"}, {"job_id": "unknown"}], ids=["version", "owner", "job"]
    )
    async def test_a_transition_its_fence_does_not_admit_changes_nothing(
        self, store: JobStore, wrong: dict[str, Any]
    ) -> None:
        await self.claimed(store)
        before = await store.job("j")
        refused = a_transition(**wrong, history=(an_entry("refused"),))
        assert await store.commit([refused]) == [False]
        assert await store.job("j") == before
        assert await store.history("j") == []

    async def test_a_job_nobody_claimed_admits_no_transition(self, store: JobStore) -> None:
        await store.create([a_job()])
        assert await store.commit([a_transition()]) == [False]

    async def test_a_transition_ends_the_claim(self, store: JobStore) -> None:
        await self.claimed(store)
        assert await store.commit([a_transition()]) == [True]
        assert await store.renew_jobs("e1", ["j"], now=1.0, lease=1.0) == []
        assert await store.commit([a_transition(version=1)]) == [False]
        assert await claim(store, "e2") == ["j"]

    async def test_a_job_that_is_to_wait_may_stay_claimed(self, store: JobStore) -> None:
        await self.claimed(store)
        waiting = a_transition(ready=False, tasks=(a_task("t"),), keep_claim=True)
        assert await store.commit([waiting]) == [True]
        assert await claim(store, "e2", now=9999.0) == []
        await take(store)
        assert await end(store, a_finish("t")) is FinishAnswer.JOB_READY
        assert await claim(store, "e2", now=5.0) == []
        assert await store.commit([a_transition(version=1)]) == [True]

    async def test_an_ended_lease_admits_its_owner_until_somebody_takes_the_job(self, store: JobStore) -> None:
        await self.claimed(store, "a", "b")
        assert await claim(store, "e2", now=100.0, limit=1) == ["a"]
        changes = [a_transition("a", at=101.0), a_transition("b", at=101.0)]
        assert await store.commit(changes) == [False, True]

    async def test_a_batch_is_answered_item_by_item_in_order(self, store: JobStore) -> None:
        await self.claimed(store, "a", "b", "c")
        batch = [a_transition("b"), a_transition("c", 5), a_transition("x"), a_transition("a"), a_transition("b", 1)]
        assert await store.commit(batch) == [True, False, False, True, False]
        assert [(job.id, job.version) for job in await store.jobs()] == [("c", 0), ("b", 1), ("a", 1)]

    @pytest.mark.parametrize("other", [{}, {"state": "elsewhere"}], ids=["equal", "different"])
    async def test_of_two_transitions_of_a_job_in_a_batch_the_first_is_applied(
        self, store: JobStore, other: dict[str, Any]
    ) -> None:
        await self.claimed(store)
        change = a_transition(history=(an_entry("moved"),))
        assert await store.commit([change, replace(change, **other)]) == [True, False]
        assert [job.state for job in await store.jobs()] == ["next"]
        assert len(await store.history("j")) == 1

    async def test_tasks_of_a_batch_are_queued_in_its_order(self, store: JobStore) -> None:
        await self.claimed(store, "a", "b")
        first = a_task("dropped", job_id="a")
        assert await store.commit([a_transition("a", keep_claim=True, tasks=(first,))]) == [True]
        batch = [
            a_transition("a", 1, tasks=(a_task("t0", job_id="a", step=2),)),
            a_transition("b", tasks=(a_task("t1", job_id="b"),)),
        ]
        assert await store.commit(batch) == [True, True]
        assert [await take(store) for _ in range(3)] == ["t0", "t1", None]

    async def test_what_cannot_be_kept_is_not_passed_over_for_what_follows_it(self, store: JobStore) -> None:
        await self.claimed(store)
        with pytest.raises(StoreError, match="'j'"):
            await store.commit([a_transition(state_history={"n": object()}), a_transition()])
        assert [job.version for job in await store.jobs()] == [0]

    @pytest.mark.parametrize("kept", [False, True], ids=["claim given back", "claim kept"])
    @pytest.mark.parametrize("status", sorted(TERMINAL))
    async def test_a_terminal_job_is_final(self, store: JobStore, status: JobStatus, kept: bool) -> None:
        await self.claimed(store)
        ending = a_transition(status=status, ready=False, result={"a": 1}, keep_claim=kept)
        assert await store.commit([ending]) == [True]
        assert await claim(store, now=9999.0) == []
        assert await store.commit([a_transition(version=1)]) == [False]

    async def test_a_transition_cannot_make_a_terminal_job_ready(self, store: JobStore) -> None:
        await self.claimed(store)
        with pytest.raises(StoreError, match="'j'"):
            await store.commit([a_transition(status=JobStatus.FAILED, ready=True)])
        assert await store.commit([a_transition()]) == [True]

    @pytest.mark.parametrize(
        "bad",
        [
            a_task("t", step=2),
            a_task("t", job_id="a"),
            a_task("t", status=TaskStatus.RUNNING),
            a_task("t", status=TaskStatus.RUNNING, worker_id="w1"),
            a_task("t", worker_id="w1"),
            a_task("known"),
            a_task("twin"),
        ],
        ids=["other step", "other job", "at nobody", "without lease", "queued at somebody", "known id", "id twice"],
    )
    async def test_a_batch_with_an_impossible_task_writes_nothing(self, store: JobStore, bad: Task) -> None:
        await store.create([a_job("first")])
        await claim(store)
        await store.commit([a_transition("first", tasks=(a_task("known", job_id="first"),), ready=False)])
        await self.claimed(store, "a", "j")
        batch = [a_transition("a"), a_transition("j", tasks=(a_task("twin"), bad))]
        with pytest.raises(StoreError, match=f"'{bad.id}'"):
            await store.commit(batch)
        assert await store.tasks("j") == []
        assert await store.commit([a_transition("a"), a_transition("j")]) == [True, True]

    async def test_history_of_another_job_is_refused(self, store: JobStore) -> None:
        await self.claimed(store, "j", "other")
        with pytest.raises(StoreError, match="'other'"):
            await store.commit([a_transition(history=(an_entry("e", "other"),))])
        assert await store.commit([a_transition()]) == [True]

    async def test_the_tasks_of_a_step_that_is_over_are_cancelled(self, store: JobStore) -> None:
        await self.claimed(store)
        tasks = tuple(a_task(f"t{number}", number) for number in range(3))
        await store.commit([a_transition(tasks=tasks)])
        assert await take(store) == "t0"
        assert await take(store, "w2") == "t1"
        await end(store, a_finish("t0"))
        assert await claim(store) == ["j"]
        change = a_transition(version=1, tasks=(a_task("t3", step=2),), history=(an_entry("moved"),))
        assert await store.commit([change]) == [True]
        assert [entry.event for entry in await store.history("j")] == ["moved"]
        assert await lost(store, 9999.0) == []
        assert await take(store, "w3") == "t3"
        assert await take(store, "w3") is None
        assert await store.renew_tasks("w2", ["t1"], now=3.0, lease=30.0) == []
        over = await store.tasks("j", step=1)
        assert [task.status for task in over] == [TaskStatus.DONE] * 3
        assert [task.outcome for task in over[1:]] == [TaskOutcome(status="cancelled")] * 2
        assert [task.worker_id for task in over] == ["w1", None, None]

    async def test_of_two_owners_that_race_one_wins(self, store: JobStore, peer: JobStore) -> None:
        await self.claimed(store)
        await claim(peer, "e2", now=100.0)
        change: dict[str, Any] = {"history": (an_entry("moved"),)}
        answers = await asyncio.gather(
            store.commit([a_transition(owner="e1", **change)]),
            peer.commit([a_transition(owner="e2", **change)]),
            store.commit([a_transition(owner="e2", **change)]),
        )
        assert sorted(answer for (answer,) in answers) == [False, False, True]
        assert len(await store.history("j")) == 1
