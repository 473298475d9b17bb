"""Queries, history, the register of workers, and what is good for one use."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

from fw_orchestrator.model import JobStatus, WorkerRecord
from fw_orchestrator.store import JobStore
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
    moved,
    take,
)


def a_worker(worker_id: str, seen_at: float = 1.0) -> WorkerRecord:
    return WorkerRecord(id=worker_id, registration={"skills": ["a"]}, status="idle", seen_at=seen_at)


class ReadingContract(StoreFixtures):
    """``job``, ``jobs``, ``task``, ``tasks``, ``history``, ``use_once`` and the methods about workers."""

    async def test_what_is_unknown_is_none_or_empty(self, store: JobStore) -> None:
        assert await store.job("x") is None
        assert await store.task("x") is None
        assert await store.worker("x") is None
        assert (await store.jobs(), await store.tasks("x"), await store.history("x")) == ([], [], [])
        assert await store.workers() == []

    async def test_jobs_come_newest_first_in_pages(self, store: JobStore) -> None:
        await store.create([a_job(str(number), float(number)) for number in range(5)])

        async def page(limit: int, offset: int = 0) -> list[str]:
            return [job.id for job in await store.jobs(limit=limit, offset=offset)]

        assert await page(100) == ["4", "3", "2", "1", "0"]
        assert [await page(2), await page(2, 2), await page(2, 4), await page(2, 6)] == [
            ["4", "3"],
            ["2", "1"],
            ["0"],
            [],
        ]
        assert [await page(0), await page(-1), await page(9, 2**70)] == [[], [], []]
        assert await page(2, -1) == ["4", "3"]
        assert await page(2**70) == ["4", "3", "2", "1", "0"]

    async def test_a_list_of_jobs_ends_after_a_hundred_unless_told_otherwise(self, store: JobStore) -> None:
        await store.create([a_job(str(number)) for number in range(101)])
        assert len(await store.jobs()) == 100
        assert len(await store.jobs(limit=200)) == 101

    async def test_jobs_can_be_chosen_by_status_and_blueprint(self, store: JobStore) -> None:
        statuses = [JobStatus.PENDING, JobStatus.RUNNING, JobStatus.FAILED]
        await store.create(
            [a_job(f"{b}-{status}", blueprint=b, status=status, ready=False) for status in statuses for b in ("x", "y")]
        )
        some = {JobStatus.PENDING, JobStatus.FAILED}
        assert [job.id for job in await store.jobs(statuses=some)] == ["y-failed", "x-failed", "y-pending", "x-pending"]
        assert [job.id for job in await store.jobs(statuses=some, blueprint="x")] == ["x-failed", "x-pending"]
        assert [job.id for job in await store.jobs(blueprint="x", limit=1, offset=1)] == ["x-running"]
        assert await store.jobs(statuses=[]) == []
        assert [await store.jobs(state="elsewhere"), await store.jobs(state=""), await store.jobs(blueprint="")] == [
            []
        ] * 3
        assert len(await store.jobs(state="s", blueprint="y")) == 3

    async def test_jobs_are_counted_by_where_they_stand(self, store: JobStore) -> None:
        await store.create([a_job("1"), a_job("2"), a_job("3", state="t"), a_job("4", blueprint="a", definition="x")])
        counted = [(c.blueprint, c.definition, c.state, c.status, c.number) for c in await store.counts()]
        pending = JobStatus.PENDING
        assert counted == [("a", "x", "s", pending, 1), ("b", "d", "s", pending, 2), ("b", "d", "t", pending, 1)]

    async def test_tasks_come_by_step_number_and_attempt(self, store: JobStore) -> None:
        await dispatched(store, a_task("b", 1), a_task("a", 0))
        assert [await take(store), await take(store)] == ["b", "a"]
        await end(store, a_finish("b", retry=a_task("b-2", 1, attempt=2)))
        await end(store, a_finish("a"))
        await take(store)
        await end(store, a_finish("b-2"))
        await claim(store, "dispatcher")
        await moved(store, "j", 1, [a_task("c", 0, step=2)])
        assert [task.id for task in await store.tasks("j")] == ["a", "b", "b-2", "c"]
        assert [task.id for task in await store.tasks("j", step=2)] == ["c"]
        assert await store.tasks("j", step=3) == []

    async def test_history_keeps_the_order_of_writing_not_of_times(self, store: JobStore) -> None:
        await store.create([a_job(), a_job("k")], [an_entry("1", at=9.0), an_entry("k", "k"), an_entry("2", at=3.0)])
        await claim(store)
        third = an_entry("3", at=5.0, detail={"from": "s"})
        await store.commit([a_transition(history=(third, an_entry("4", at=1.0)), tasks=(a_task("t"),))])
        await take(store)
        await end(store, a_finish("t", history=(an_entry("5", at=0.0),)))
        lines = await store.history("j")
        assert [entry.event for entry in lines] == ["1", "2", "3", "4", "5"]
        assert lines[2] == third
        assert [entry.event for entry in await store.history("k")] == ["k"]

    async def test_history_of_a_retry_is_kept(self, store: JobStore) -> None:
        await dispatched(store, a_task("t"))
        await take(store)
        await end(store, a_finish("t", retry=a_task("t-2", attempt=2), history=(an_entry("retried"),)))
        assert [entry.event for entry in await store.history("j")] == ["retried"]

    async def test_what_comes_back_is_a_copy(self, store: JobStore) -> None:
        given = a_job(initial_data={"list": [1]})
        await store.create([given], [an_entry("e", detail={"k": 1})])
        await store.save_worker(a_worker("w"))
        given.initial_data["list"].append("changed by the giver")
        (claimed,) = await store.claim_jobs("e1", now=1.0, lease=1.0, limit=1)
        await store.commit([a_transition(tasks=(a_task("t", params={"k": 1}),), state_history={"k": 1})])
        (taken,) = await store.claim_tasks("w", ["resize"], now=1.0, lease=1.0)
        got = [await store.job("j"), *await store.jobs(), claimed]
        tasks = [await store.task("t"), *await store.tasks("j"), taken]
        workers = [await store.worker("w"), *await store.workers()]
        for job in got:
            assert job is not None
            job.initial_data["list"].append("changed by the reader")
            job.state_history.clear()
        for task in tasks:
            assert task is not None
            task.params.clear()
        for worker in workers:
            assert worker is not None
            worker.registration.clear()
        for entry in await store.history("j"):
            entry.detail.clear()
        job, task = await store.job("j"), await store.task("t")
        assert job is not None
        assert task is not None
        assert (job.initial_data, job.state_history, task.params) == ({"list": [1]}, {"k": 1}, {"k": 1})
        assert [entry.detail for entry in await store.history("j")] == [{"k": 1}]
        assert await store.worker("w") == a_worker("w")
        swept = await store.sweep(now=99.0, max_attempts=9)
        assert [released.params for released in swept.queued] == [{"k": 1}]
        swept.queued[0].params.clear()
        assert [task.params for task in await store.tasks("j")] == [{"k": 1}]

    async def test_a_worker_is_added_and_replaced(self, store: JobStore, peer: JobStore) -> None:
        await store.save_worker(a_worker("w"))
        changed = WorkerRecord(id="w", registration={"skills": []}, status="busy", seen_at=0.5)
        await store.save_worker(changed)
        assert await peer.worker("w") == changed
        assert await peer.workers() == [changed]

    async def test_a_sign_of_life_changes_status_and_time_of_a_known_worker(self, store: JobStore) -> None:
        await store.save_worker(a_worker("w"))
        assert await store.touch_worker("w", status="busy", now=7.5) is True
        assert await store.worker("w") == WorkerRecord(
            id="w", registration={"skills": ["a"]}, status="busy", seen_at=7.5
        )
        assert await store.touch_worker("stranger", status="busy", now=7.5) is False
        assert await store.worker("stranger") is None

    async def test_workers_are_listed_by_id_if_seen_since(self, store: JobStore) -> None:
        for worker_id, seen_at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
            await store.save_worker(a_worker(worker_id, seen_at))
        assert [worker.id for worker in await store.workers()] == ["a", "b", "c"]
        assert [worker.id for worker in await store.workers(seen_since=2.0)] == ["b", "c"]
        assert await store.workers(seen_since=3.1) == []

    async def test_what_is_good_for_one_use_is_used_once_whoever_asks(self, store: JobStore, peer: JobStore) -> None:
        assert await store.use_once("a", now=1.0, until=9.0) is None
        assert await peer.use_once("a", now=1.0, until=9.0) == 1.0
        assert await store.use_once("b", now=2.5, until=5.0) is None
        assert await store.use_once("a", now=8.9, until=99.0) == 1.0
        assert await peer.use_once("a", now=9.0, until=10.0) is None
        assert await store.use_once("a", now=9.5, until=10.0) == 9.0
