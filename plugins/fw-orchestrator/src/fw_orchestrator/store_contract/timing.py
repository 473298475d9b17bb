"""What time does to tasks: delays, deadlines, silent workers."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

from msgspec.structs import replace

from fw_orchestrator.model import FinishAnswer, Sweep, Task, TaskOutcome, TaskStatus
from fw_orchestrator.store import JobStore
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import a_finish, a_job, a_task, dispatched, end, lost, take

LATE = TaskOutcome(status="failure")


async def overdue(store: JobStore, now: float, *, max_attempts: int = 9) -> list[str]:
    """The tasks that a sweep lists as overdue."""
    return [task.id for task in (await store.sweep(now=now, max_attempts=max_attempts)).overdue]


class TimingContract(StoreFixtures):
    """``sweep``, and finishes that are ``overdue``."""

    async def test_a_sweep_of_an_empty_store_finds_nothing(self, store: JobStore) -> None:
        assert await store.sweep(now=1.0, max_attempts=3) == Sweep()

    async def test_a_delayed_task_waits_for_the_first_sweep_after_its_time(self, store: JobStore) -> None:
        task = a_task("t", status=TaskStatus.DELAYED, not_before=10.0)
        await dispatched(store, task)
        assert await take(store, now=99.0) is None
        assert await store.sweep(now=9.9, max_attempts=3) == Sweep(next_at=10.0)
        queued = replace(task, status=TaskStatus.QUEUED, not_before=None)
        assert await store.sweep(now=10.0, max_attempts=3) == Sweep(queued=(queued,))
        assert await take(store, now=10.0) == "t"

    async def test_a_sweep_says_when_there_will_be_something_again(self, store: JobStore) -> None:
        await dispatched(
            store,
            a_task("held", result_timeout=100.0),
            a_task("late", 1, dispatch_deadline=50.0),
            a_task("delayed", 2, status=TaskStatus.DELAYED, not_before=70.0),
        )
        assert await take(store, now=10.0) == "held"
        found = [(await store.sweep(now=now, max_attempts=9)).next_at for now in (1.0, 40.0, 60.0, 70.0)]
        assert found == [40.0, 50.0, 70.0, None]

    async def test_a_worker_that_fell_silent_costs_an_attempt_and_the_last_one_is_overdue(
        self, store: JobStore
    ) -> None:
        await dispatched(store, a_task("t"))
        for attempt in (1, 2):
            assert await take(store, now=attempt * 100.0) == "t"
            assert await lost(store, attempt * 100.0 + 99, max_attempts=3) == ["t"]
        assert await take(store, now=300.0) == "t"
        assert await lost(store, 399.0, max_attempts=3) == []
        assert await overdue(store, 399.0, max_attempts=3) == ["t"]
        task = await store.task("t")
        assert task is not None
        assert (task.attempt, task.status, task.worker_id) == (3, TaskStatus.RUNNING, "w1")
        ending = a_finish("t", "", at=399.0, outcome=LATE, overdue=True)
        assert await end(store, ending) is FinishAnswer.JOB_READY

    async def test_a_task_may_say_itself_how_often_it_is_tried_again(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", retries=0), a_task("u", 1, retries=1))
        assert [await take(store, now=10.0), await take(store, now=10.0)] == ["t", "u"]
        swept = await store.sweep(now=40.0, max_attempts=9)
        assert ([task.id for task in swept.overdue], swept.lost) == (["t"], frozenset({"u"}))
        assert await take(store, now=50.0) == "u"
        assert sorted(await overdue(store, 80.0)) == ["t", "u"]

    async def test_a_worker_that_is_late_and_silent_has_had_its_time(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", result_timeout=20.0))
        await take(store, now=10.0)
        swept = await store.sweep(now=100.0, max_attempts=9)
        assert ([task.id for task in swept.overdue], swept.queued) == (["t"], ())

    async def test_a_delayed_task_need_not_be_taken_any_more_before_its_time(self, store: JobStore) -> None:
        task = a_task("t", status=TaskStatus.DELAYED, not_before=50.0, dispatch_deadline=20.0)
        await dispatched(store, task)
        assert await store.sweep(now=10.0, max_attempts=9) == Sweep(next_at=20.0)
        assert await overdue(store, 20.0) == ["t"]

    async def test_a_task_that_nobody_took_in_time_is_overdue_and_not_handed_out(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", dispatch_deadline=20.0), a_task("u", 1))
        assert await overdue(store, 19.9) == []
        assert [await overdue(store, 20.0), await overdue(store, 21.0)] == [["t"], ["t"]]
        assert await take(store, now=20.0) == "u"
        ending = a_finish("t", "", at=20.0, outcome=LATE, overdue=True)
        assert [await end(store, ending) for _ in range(2)] == [FinishAnswer.ACCEPTED, FinishAnswer.NOT_OVERDUE]
        assert await overdue(store, 22.0) == []

    async def test_run_time_begins_when_the_task_is_taken(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", result_timeout=20.0))
        assert await overdue(store, 1000.0) == []
        (task,) = await store.claim_tasks("w1", ["resize"], now=1000.0, lease=500.0)
        assert task.result_deadline == 1020.0
        assert await store.renew_tasks("w1", ["t"], now=1019.0, lease=500.0) == ["t"]
        assert await overdue(store, 1019.9) == []
        assert await overdue(store, 1020.0) == ["t"]
        assert await store.release_task("w1", "t") is True
        (task,) = await store.claim_tasks("w1", ["resize"], now=2000.0, lease=500.0)
        assert task.result_deadline == 2020.0

    async def test_an_overdue_task_is_ended_only_while_it_is_overdue(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", result_timeout=20.0))
        await store.create([a_job("w1")])
        await take(store, now=100.0)
        ending = a_finish("t", "", at=119.9, outcome=LATE, overdue=True)
        assert await end(store, ending) is FinishAnswer.NOT_OVERDUE
        assert await end(store, replace(ending, at=120.0)) is FinishAnswer.JOB_READY
        task = await store.task("t")
        assert task is not None
        assert (task.status, task.worker_id, task.outcome) == (TaskStatus.DONE, None, LATE)
        assert await end(store, a_finish("t")) is FinishAnswer.WORKER_MISMATCH
        assert await end(store, replace(ending, at=121.0)) is FinishAnswer.NOT_OVERDUE
        # A job that is called like the worker has nothing to do with it.
        assert await store.job("w1") == a_job("w1")

    async def test_a_lease_that_was_renewed_meanwhile_saves_the_task(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store, now=10.0)
        assert await overdue(store, 50.0, max_attempts=1) == ["t"]
        await store.renew_tasks("w1", ["t"], now=51.0, lease=30.0)
        assert await end(store, a_finish("t", "", at=52.0, outcome=LATE, overdue=True)) is FinishAnswer.NOT_OVERDUE
        assert await end(store, a_finish("t", at=53.0)) is FinishAnswer.JOB_READY

    async def test_a_retry_may_wait_for_its_time(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        retry: Task = a_task("t-2", attempt=2, status=TaskStatus.DELAYED, not_before=30.0)
        assert await end(store, a_finish("t", outcome=LATE, retry=retry)) is FinishAnswer.RETRIED
        assert await take(store) is None
        await store.sweep(now=30.0, max_attempts=3)
        assert await take(store, now=30.0) == "t-2"

    async def test_a_sweep_takes_no_more_than_its_limit_and_the_next_goes_on(self, store: JobStore) -> None:
        await dispatched(store, *(a_task(f"{n}", n, status=TaskStatus.DELAYED, not_before=5.0) for n in range(5)))
        sizes = [len((await store.sweep(now=5.0, max_attempts=3, limit=2)).queued) for _ in range(4)]
        assert sizes == [2, 2, 1, 0]

    async def test_a_sweep_with_a_limit_takes_first_what_has_been_due_longest(self, store: JobStore) -> None:
        times = {"b": 5.0, "c": 6.0, "a": 4.0}
        tasks = [
            a_task(name, n, status=TaskStatus.DELAYED, not_before=at) for n, (name, at) in enumerate(times.items())
        ]
        await dispatched(store, *tasks)
        swept = [await store.sweep(now=9.0, max_attempts=3, limit=limit) for limit in (1, 2**70)]
        assert [[task.id for task in one.queued] for one in swept] == [["a"], ["b", "c"]]

    async def test_a_renewed_lease_is_looked_at_when_it_ends_and_not_before(self, store: JobStore) -> None:
        queued = a_task("t", result_timeout=500.0)
        await dispatched(store, queued)
        await take(store, now=10.0)
        assert await store.renew_tasks("w1", ["t"], now=30.0, lease=30.0) == ["t"]
        for now in (35.0, 45.0):
            assert await store.sweep(now=now, max_attempts=9) == Sweep(next_at=60.0)
        again = replace(queued, attempt=2)
        assert await store.sweep(now=60.0, max_attempts=9) == Sweep(queued=(again,), lost=frozenset({"t"}))
