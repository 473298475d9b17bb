"""The ends of attempts."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from fw_orchestrator.model import (
    AwaitedFanOut,
    Claim,
    Failure,
    FinishAnswer,
    JobStatus,
    Task,
    TaskFinish,
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
    dispatched,
    end,
    lost,
    moved,
    take,
)

FAILED = TaskOutcome(status="failure", error=Failure(code="TRANSIENT_ERROR", message="no"))


class FinishContract(StoreFixtures):
    """``finish_tasks``."""

    async def test_the_last_finish_of_a_step_makes_the_job_ready(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store)
        await take(store, "w2")
        outcome = TaskOutcome(status="needs_review", data={"size": [1, 2]})
        assert await end(store, a_finish("t1", "w2", at=8.0, outcome=outcome)) is FinishAnswer.ACCEPTED
        job, task = await store.job("j"), await store.task("t1")
        assert job is not None
        assert task is not None
        assert (job.tasks_total, job.tasks_open, job.ready, job.updated_at, job.version) == (2, 1, False, 8.0, 1)
        assert (task.status, task.outcome, task.lease_until) == (TaskStatus.DONE, outcome, None)
        assert (task.worker_id, task.started_at) == ("w2", 2.0)
        assert await claim(store) == []
        assert await end(store, a_finish("t0", at=9.0)) is FinishAnswer.JOB_READY
        job = await store.job("j")
        assert job is not None
        assert (job.tasks_open, job.ready, job.updated_at, job.version) == (0, True, 9.0, 1)
        assert await claim(store) == ["j"]

    async def test_the_job_that_an_end_makes_ready_is_claimed_in_the_same_write(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store)
        await take(store)
        mine = Claim("e2", 60.0)
        assert await store.finish_tasks([a_finish("t0")], claim=mine) == [FinishAnswer.ACCEPTED]
        assert await store.finish_tasks([a_finish("t1")], claim=mine) == [FinishAnswer.JOB_CLAIMED]
        assert await store.finish_tasks([a_finish("t1")], claim=mine) == [FinishAnswer.REPEATED]
        assert await claim(store, now=59.0) == []
        assert await store.commit([a_transition(version=1, owner="e1", ready=False)]) == [False]
        assert await store.commit([a_transition(version=1, owner="e2", ready=True)]) == [True]
        assert await claim(store, now=6.0) == ["j"]

    async def test_a_claim_that_came_with_an_end_ends_with_its_lease(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        assert await store.finish_tasks([a_finish("t")], claim=Claim("e2", 60.0)) == [FinishAnswer.JOB_CLAIMED]
        assert await claim(store, now=60.0) == ["j"]

    async def test_an_end_does_not_take_a_job_from_who_holds_it(self, store: JobStore) -> None:
        any_of_both = AwaitedFanOut("merge", 1, wait_for_all=False)
        await store.create([a_job()])
        await claim(store, "dispatcher")
        await moved(store, "j", 0, [a_task("t0"), a_task("t1", 1)], awaited=any_of_both)
        await take(store)
        await take(store)
        assert await end(store, a_finish("t0")) is FinishAnswer.JOB_READY
        assert await claim(store, "e1", now=6.0) == ["j"]
        assert await store.finish_tasks([a_finish("t1")], claim=Claim("e2", 60.0)) == [FinishAnswer.JOB_READY]
        assert await store.commit([a_transition(version=1, owner="e1")]) == [True]

    async def test_of_the_ends_in_a_batch_one_claims_the_job(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store, "dispatcher")
        any_of_both = AwaitedFanOut("merge", 1, wait_for_all=False)
        await moved(store, "j", 0, [a_task("t0"), a_task("t1", 1)], awaited=any_of_both)
        await take(store)
        await take(store)
        answers = await store.finish_tasks([a_finish("t0"), a_finish("t1", at=6.0)], claim=Claim("e2", 60.0))
        assert answers == [FinishAnswer.JOB_CLAIMED, FinishAnswer.JOB_READY]
        job = await store.job("j")
        assert job is not None
        assert (job.tasks_open, job.tasks_succeeded, job.updated_at) == (0, 2, 6.0)
        assert await store.commit([a_transition(version=1, owner="e2")]) == [True]

    async def test_a_finish_after_the_lease_ended_is_accepted_if_nobody_else_took_the_task(
        self, store: JobStore
    ) -> None:
        await dispatched(store, a_task("t"))
        await take(store, now=1.0)
        assert await end(store, a_finish("t", at=9999.0)) is FinishAnswer.JOB_READY
        assert await lost(store, 99999.0) == []

    async def test_a_retry_takes_the_place_of_its_task(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        retry = a_task("t-2", attempt=2, enqueued_at=5.0, priority=1)
        assert await end(store, a_finish("t", outcome=FAILED, retry=retry)) is FinishAnswer.RETRIED
        job = await store.job("j")
        assert job is not None
        assert (job.tasks_total, job.tasks_open, job.ready) == (1, 1, False)
        first, second = await store.tasks("j")
        assert (first.status, first.outcome) == (TaskStatus.DONE, FAILED)
        assert second == retry
        assert await take(store, "w2") == "t-2"
        assert await end(store, a_finish("t-2", "w2")) is FinishAnswer.JOB_READY

    async def test_a_retry_queues_behind_those_that_wait(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store)
        await end(store, a_finish("t0", outcome=FAILED, retry=a_task("t0-2", attempt=2)))
        assert [await take(store), await take(store)] == ["t1", "t0-2"]

    async def test_the_same_finish_again_changes_nothing(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1), a_task("t2", 2))
        for _ in range(3):
            await take(store)
        plain = a_finish("t0", history=(an_entry("ended"),))
        retried = a_finish("t1", outcome=FAILED, retry=a_task("t1-2", 1, attempt=2))
        answers = await store.finish_tasks([plain, retried, retried])
        assert answers == [FinishAnswer.ACCEPTED, FinishAnswer.RETRIED, FinishAnswer.REPEATED]
        before = await store.job("j"), await store.tasks("j"), await store.history("j")
        other = a_finish("t0", at=99.0, outcome=FAILED, history=(an_entry("again"),))
        assert await store.finish_tasks([plain, retried, other]) == [FinishAnswer.REPEATED] * 3
        assert (await store.job("j"), await store.tasks("j"), await store.history("j")) == before

    async def test_a_finish_is_repeated_even_when_its_job_has_moved_on_or_ended(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        await end(store, a_finish("t"))
        await claim(store, "dispatcher")
        await moved(store, "j", 1, [], ready=True)
        assert await end(store, a_finish("t")) is FinishAnswer.REPEATED
        await claim(store, "dispatcher")
        await moved(store, "j", 2, [], status=JobStatus.FINISHED)
        assert await end(store, a_finish("t")) is FinishAnswer.REPEATED

    async def test_a_batch_is_worked_through_in_order(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store)
        await take(store)
        retry = a_task("t0-2", attempt=2)
        batch = [
            a_finish("t0", outcome=FAILED, retry=retry),
            a_finish("t0"),
            a_finish("t0-2"),
            a_finish("t1"),
            a_finish("t1", "w2"),
            a_finish("t1"),
        ]
        assert await store.finish_tasks(batch) == [
            FinishAnswer.RETRIED,
            FinishAnswer.REPEATED,
            FinishAnswer.WORKER_MISMATCH,
            FinishAnswer.ACCEPTED,
            FinishAnswer.WORKER_MISMATCH,
            FinishAnswer.REPEATED,
        ]

    async def test_refusals_name_their_reason_and_change_nothing(self, store: JobStore) -> None:
        await dispatched(store, a_task("held"), a_task("queued", 1))
        await store.create([a_job("other", ready=False, version=1)])
        await take(store)
        before = await store.job("j"), await store.tasks("j")
        reasons = {
            FinishAnswer.JOB_NOT_FOUND: [a_finish("held", job_id="unknown")],
            FinishAnswer.STALE_TASK: [a_finish("unknown"), a_finish("held", job_id="other")],
            FinishAnswer.WORKER_MISMATCH: [a_finish("held", "w2"), a_finish("queued")],
        }
        for reason, finishes in reasons.items():
            refused = [replace(finish, history=(an_entry("x", finish.job_id),)) for finish in finishes]
            assert await store.finish_tasks(refused) == [reason] * len(refused)
        assert (await store.job("j"), await store.tasks("j")) == before
        assert await store.history("j") == []

    async def test_a_released_task_is_held_by_nobody(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        await store.release_task("w1", "t")
        assert await end(store, a_finish("t")) is FinishAnswer.WORKER_MISMATCH
        await take(store, "w2")
        assert await end(store, a_finish("t", "w1")) is FinishAnswer.WORKER_MISMATCH
        assert await end(store, a_finish("t", "w2")) is FinishAnswer.JOB_READY

    async def overtaken(self, store: JobStore, status: JobStatus) -> None:
        """A task runs when its job, claimed meanwhile, goes on without it."""
        await store.create([a_job()])
        await claim(store, "dispatcher")
        await moved(store, "j", 0, [a_task("t")], ready=True)
        assert await take(store) == "t"
        await claim(store, "dispatcher")
        await moved(store, "j", 1, [], status=status)

    async def test_a_task_of_a_step_that_is_over_is_stale(self, store: JobStore) -> None:
        await self.overtaken(store, JobStatus.RUNNING)
        assert await end(store, a_finish("t")) is FinishAnswer.STALE_TASK
        assert await end(store, a_finish("t", retry=a_task("t-2", step=1))) is FinishAnswer.STALE_TASK
        assert len(await store.tasks("j")) == 1

    async def test_a_task_of_a_terminal_job_is_refused(self, store: JobStore) -> None:
        await self.overtaken(store, JobStatus.FAILED)
        assert await end(store, a_finish("t")) is FinishAnswer.JOB_TERMINATED
        assert await end(store, a_finish("unknown")) is FinishAnswer.JOB_TERMINATED

    @pytest.mark.parametrize(
        "wrong",
        [
            {"retry": a_task("new", step=2)},
            {"retry": a_task("new", job_id="other")},
            {"retry": a_task("new", status=TaskStatus.DONE)},
            {"retry": a_task("t0")},
            {"retry": a_task("twin")},
            {"history": (an_entry("e", "other"),)},
        ],
        ids=["other step", "other job", "not queued", "known id", "id twice", "history of another"],
    )
    async def test_a_batch_with_an_impossible_finish_writes_nothing(
        self, store: JobStore, wrong: dict[str, Any]
    ) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await store.create([a_job("other", ready=False)])
        await take(store)
        await take(store)
        before = await store.job("j"), await store.tasks("j")
        first = a_finish("t0", history=(an_entry("e"),), retry=a_task("twin", attempt=2))
        with pytest.raises(StoreError, match=r"'new'|'t0'|'twin'|'other'"):
            await store.finish_tasks([first, a_finish("t1", **wrong)])
        assert (await store.job("j"), await store.tasks("j")) == before
        assert await store.history("j") == []

    async def test_finishes_at_the_same_time_make_the_job_ready_once(self, store: JobStore, peer: JobStore) -> None:
        tasks: list[Task] = [a_task(f"t{n}", n) for n in range(20)]
        await dispatched(store, *tasks)
        for _ in tasks:
            await take(store)
        finishes: list[TaskFinish] = [a_finish(task.id, history=(an_entry(task.id),)) for task in tasks]
        answers = await asyncio.gather(
            *(handle.finish_tasks(finishes[n::5]) for n in range(5) for handle in (store, peer))
        )
        flat = [answer for batch in answers for answer in batch]
        assert flat.count(FinishAnswer.JOB_READY) == 1
        assert flat.count(FinishAnswer.ACCEPTED) == 19
        assert flat.count(FinishAnswer.REPEATED) == 20
        assert sorted(entry.event for entry in await store.history("j")) == sorted(task.id for task in tasks)
