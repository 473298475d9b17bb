"""Jobs that wait for jobs, and the ends that others bring about: cancellation, early settling, resuming, deletion."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

from typing import Any

import pytest

from fw_orchestrator.model import (
    AwaitedFanOut,
    AwaitedJob,
    Cancelled,
    Failure,
    FinishAnswer,
    JobStatus,
    TaskKind,
    TaskOutcome,
    TaskStatus,
)
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import (
    Members,
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


def sub_job_failed(code: str, message: str, status: str, **details: Any) -> TaskOutcome:
    """What a job is told whose sub-job failed."""
    return TaskOutcome("failure", {}, Failure(code, message, {**details, "sub_job_status": status}))


async def with_child(store: JobStore, parent: str = "j", child: str = "child", version: int = 0) -> None:
    """A job, claimed, goes on to wait for a new sub-job."""
    held: Members = {"kind": TaskKind.JOB, "status": TaskStatus.RUNNING, "worker_id": child}
    task = a_task(f"{parent}-task", job_id=parent, step=version + 1, skill="b", **held)
    sub = a_job(child, 2.0, parent_id=parent, parent_task=task.id, depth=1)
    awaited = AwaitedJob({"success": "next"})
    change = a_transition(
        parent, version, status=JobStatus.WAITING_FOR_SUB_JOB, ready=False, awaited=awaited, tasks=(task,), jobs=(sub,)
    )
    await claim(store)
    assert await store.commit([change]) == [True]


class FamilyContract(StoreFixtures):
    """``cancel_jobs``, ``purge``, sub-jobs, and transitions that resume."""

    async def status(self, store: JobStore, job_id: str) -> JobStatus | None:
        """Of a job."""
        job = await store.job(job_id)
        return job.status if job else None

    @pytest.mark.parametrize(
        "status, result, error, outcome",
        [
            (JobStatus.FINISHED, {"n": 1}, None, TaskOutcome("success", {"n": 1})),
            (JobStatus.FINISHED, [1], None, TaskOutcome("success", {"result": [1]})),
            (JobStatus.FAILED, None, Failure("C", "no", {"n": 1}), sub_job_failed("C", "no", "failed", n=1)),
            (JobStatus.QUARANTINED, None, Failure("C", "no"), sub_job_failed("C", "no", "quarantined")),
            (JobStatus.FAILED, None, None, sub_job_failed("INTERNAL_ERROR", "The sub-job failed.", "failed")),
        ],
    )
    async def test_the_end_of_a_sub_job_reaches_the_job_that_waits_for_it(
        self, store: JobStore, status: JobStatus, result: Any, error: Failure | None, outcome: TaskOutcome
    ) -> None:
        await store.create([a_job()])
        await with_child(store)
        child = await store.job("child")
        assert child is not None
        assert (child.parent_id, child.parent_task, child.depth, child.ready) == ("j", "j-task", 1, True)
        assert await claim(store) == ["child"]
        ending = a_transition("child", status=status, result=result, error=error, at=7.0, ready=False)
        assert await store.commit([ending]) == [True]
        task = await store.task("j-task")
        assert task is not None
        assert (task.status, task.outcome) == (TaskStatus.DONE, outcome)
        assert await claim(store) == ["j"]
        job = await store.job("j")
        assert job is not None
        assert (job.tasks_open, job.updated_at) == (0, 7.0)
        told = an_entry("sub_job_ended", at=7.0, state="next", detail={"job_id": "child", "status": status.value})
        assert await store.history("j") == [told]
        begin = an_entry("job_created", "child", at=2.0, detail={"blueprint": "b", "parent": "j"})
        assert await store.history("child") == [begin]

    async def test_a_sub_job_is_created_with_its_parents_transition_or_not_at_all(self, store: JobStore) -> None:
        await store.create([a_job(), a_job("child")])
        with pytest.raises(StoreError, match="'child'"):
            await with_child(store)
        held: Members = {"kind": TaskKind.JOB, "status": TaskStatus.RUNNING, "worker_id": "twin"}
        twins = (a_job("twin", parent_id="j", parent_task="t"),) * 2
        with pytest.raises(StoreError, match="'twin'"):
            await store.commit([a_transition(tasks=(a_task("t", **held),), jobs=twins)])
        for parent, task in (("other", "t"), ("j", "other"), ("j", None)):
            stray = a_job("twin", parent_id=parent, parent_task=task)
            with pytest.raises(StoreError, match="'twin'"):
                await store.commit([a_transition(tasks=(a_task("t", **held),), jobs=(stray,))])
        assert [await store.task("t"), await store.job("twin")] == [None, None]
        assert await self.status(store, "j") is JobStatus.PENDING
        with pytest.raises(StoreError, match="'stray'"):
            await store.commit([a_transition(jobs=(a_job("stray"),))])
        assert await store.job("stray") is None

    async def test_cancelling_ends_a_job_its_tasks_and_what_it_waits_for(self, store: JobStore) -> None:
        await store.create([a_job()])
        await with_child(store)
        await claim(store)
        tasks = (a_task("t0", job_id="child"), a_task("t1", 1, job_id="child"))
        await store.commit([a_transition("child", ready=False, tasks=tasks)])
        assert await take(store) == "t0"
        held = await store.task("t0")
        gone = await store.cancel_jobs(["j", "unknown"], at=9.0, reason="nobody wants it")
        assert (gone.jobs, gone.tasks) == (("j", "child"), (held,))
        for job_id in ("j", "child"):
            job = await store.job(job_id)
            assert job is not None
            assert (job.status, job.ready, job.tasks_open, job.updated_at) == (JobStatus.CANCELLED, False, 0, 9.0)
            assert (job.version, job.awaited, job.tasks_total, job.tasks_succeeded) == (2, None, 0, 0)
            entry = (await store.history(job_id))[-1]
            assert (entry.event, entry.detail) == ("job_cancelled", {"reason": "nobody wants it"})
        assert await take(store) is None
        assert await claim(store, now=999.0) == []
        assert await store.renew_tasks("w1", ["t0"], now=10.0, lease=1.0) == []
        assert await end(store, a_finish("t0", job_id="child")) is FinishAnswer.JOB_CANCELLED
        assert await store.cancel_jobs(["j"], at=10.0, reason="again") == Cancelled()

    async def test_cancelling_tells_of_no_task_that_is_a_persons(self, store: JobStore) -> None:
        asked = a_task("t", kind=TaskKind.HUMAN, status=TaskStatus.RUNNING, worker_id="human")
        await dispatched(store, asked)
        assert await store.cancel_jobs(["j"], at=9.0, reason="stop") == Cancelled(jobs=("j",))

    async def test_a_step_in_hand_cannot_undo_a_cancellation(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store)
        await store.cancel_jobs(["j"], at=2.0, reason="stop")
        assert await store.renew_jobs("e1", ["j"], now=2.0, lease=9.0) == []
        assert await store.commit([a_transition(), a_transition(version=1)]) == [False, False]
        assert await self.status(store, "j") is JobStatus.CANCELLED

    async def test_a_cancelled_sub_job_is_told_to_its_parent(self, store: JobStore) -> None:
        await store.create([a_job()])
        await with_child(store)
        await store.cancel_jobs(["child"], at=3.0, reason="stop")
        task = await store.task("j-task")
        assert task is not None
        assert task.outcome is not None
        assert task.outcome.status == "cancelled"
        assert await claim(store) == ["j"]

    async def test_a_sub_job_that_takes_too_long_is_cancelled(self, store: JobStore) -> None:
        await store.create([a_job()])
        await with_child(store)
        overdue = a_finish("j-task", "", at=9.0, outcome=TaskOutcome("failure"), overdue=True)
        assert await end(store, overdue) is FinishAnswer.NOT_OVERDUE
        await store.create([a_job("k", 0.5)])
        await claim(store, limit=1)
        held: Members = {"kind": TaskKind.JOB, "status": TaskStatus.RUNNING, "worker_id": "kid", "result_deadline": 5.0}
        task = a_task("limited", job_id="k", **held)
        kid = a_job("kid", parent_id="k", parent_task="limited")
        await store.commit([a_transition("k", ready=False, tasks=(task,), jobs=(kid,))])
        swept = await store.sweep(now=5.0, max_attempts=3)
        assert [one.id for one in swept.overdue] == ["limited"]
        late = a_finish("limited", "", job_id="k", at=5.0, outcome=TaskOutcome("failure"), overdue=True)
        assert await end(store, late) is FinishAnswer.JOB_READY
        assert await self.status(store, "kid") is JobStatus.CANCELLED

    async def test_enough_successes_settle_a_fan_out_and_the_rest_is_cancelled(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store)
        tasks = tuple(a_task(f"t{n}", n) for n in range(4))
        awaited = AwaitedFanOut("sum", 2, wait_for_all=False)
        await store.commit([a_transition(ready=False, awaited=awaited, tasks=tasks)])
        for _ in range(3):
            await take(store)
        assert await end(store, a_finish("t0", outcome=TaskOutcome("failure"))) is FinishAnswer.ACCEPTED
        assert await end(store, a_finish("t1")) is FinishAnswer.ACCEPTED
        assert await end(store, a_finish("t2")) is FinishAnswer.JOB_READY
        assert await claim(store) == ["j"]
        assert await store.commit([a_transition(version=1)]) == [True]
        job, last = await store.job("j"), await store.task("t3")
        assert job is not None
        assert (job.tasks_total, job.tasks_succeeded) == (0, 0)
        assert last is not None
        assert last.outcome == TaskOutcome(status="cancelled")

    async def test_a_fan_out_that_waits_for_all_is_not_settled_before(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store)
        tasks = tuple(a_task(f"t{n}", n) for n in range(2))
        await store.commit([a_transition(ready=False, awaited=AwaitedFanOut("sum", 1), tasks=tasks)])
        await take(store)
        await take(store)
        assert await end(store, a_finish("t0")) is FinishAnswer.ACCEPTED
        assert await end(store, a_finish("t1", outcome=TaskOutcome("failure"))) is FinishAnswer.JOB_READY

    async def test_too_many_failures_settle_a_fan_out(self, store: JobStore) -> None:
        await store.create([a_job()])
        await claim(store)
        tasks = tuple(a_task(f"t{n}", n) for n in range(3))
        awaited = AwaitedFanOut("sum", 2, wait_for_all=False)
        await store.commit([a_transition(ready=False, awaited=awaited, tasks=tasks)])
        failed = TaskOutcome("failure")
        await take(store)
        await take(store)
        assert await end(store, a_finish("t0", outcome=failed)) is FinishAnswer.ACCEPTED
        assert await end(store, a_finish("t1", outcome=failed)) is FinishAnswer.JOB_READY

    async def test_a_claim_can_be_kept_through_a_transition(self, store: JobStore, peer: JobStore) -> None:
        await store.create([a_job()])
        await claim(store, now=1.0)
        assert await store.commit([a_transition(keep_claim=True)]) == [True]
        assert await claim(peer, "e2", now=5.0) == []
        assert await store.commit([a_transition(version=1)]) == [True]
        assert await claim(peer, "e2", now=5.0) == ["j"]

    async def test_only_a_quarantined_job_can_be_resumed_and_only_once(self, store: JobStore) -> None:
        stuck = {s: a_job(s.value, status=s, ready=False) for s in (JobStatus.QUARANTINED, JobStatus.FAILED)}
        await store.create([*stuck.values(), a_job("running", ready=False), a_job("held")])
        await claim(store, "op")
        ways = [a_transition(name, owner="op", resumes=True) for name in ("quarantined", "failed", "running", "held")]
        assert await store.commit(ways) == [True, False, False, False]
        assert await store.commit(ways[:1]) == [False]
        assert await claim(store) == ["quarantined"]

    async def test_old_ends_are_deleted_with_all_that_is_theirs(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        await end(store, a_finish("t", history=(an_entry("e"),)))
        await claim(store, "dispatcher")
        ending = a_transition(version=1, owner="dispatcher", at=5.0, status=JobStatus.FINISHED, ready=False)
        assert await store.commit([ending]) == [True]
        ended = {"status": JobStatus.FINISHED, "ready": False}
        await store.create([a_job("old", 4.0, **ended), a_job("new", 6.0, **ended), a_job("open", 1.0, key="k")])
        await store.create([a_job("as old", 4.0, **ended)])
        await store.create([a_job("bad", 1.0, status=JobStatus.QUARANTINED, ready=False)])
        some = [JobStatus.FINISHED, JobStatus.FAILED, JobStatus.PENDING]
        assert [await store.purge(some, before=6.0, limit=limit) for limit in (0, -1, 1)] == [[], [], ["old"]]
        assert await store.purge(some, before=6.0, limit=2**70) == ["as old", "j"]
        assert await store.purge(some, before=6.0) == []
        assert [await store.job("j"), await store.task("t"), await store.history("j")] == [None, None, []]
        assert [job.id for job in await store.jobs()] == ["bad", "open", "new"]
        assert await store.create([a_job("j", 9.0)]) == ["j"]

    async def test_the_key_of_a_deleted_job_is_free_again(self, store: JobStore) -> None:
        await store.create([a_job("old", status=JobStatus.FAILED, ready=False, key="k")])
        assert await store.create([a_job("next", key="k")]) == ["old"]
        await store.purge([JobStatus.FAILED], before=9.0)
        assert await store.create([a_job("next", key="k")]) == ["next"]
