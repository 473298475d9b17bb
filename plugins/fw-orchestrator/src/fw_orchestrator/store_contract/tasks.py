"""Handing out tasks, and their leases."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from fw_orchestrator.model import FinishAnswer, TaskStatus
from fw_orchestrator.store import JobStore
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import Members, a_finish, a_task, dispatched, end, lost, take


class TaskContract(StoreFixtures):
    """``claim_tasks``, ``renew_tasks``, ``release_task``."""

    async def test_a_task_is_handed_out_with_worker_times_and_parameters(self, store: JobStore) -> None:
        queued = a_task("t", params={"file": "a.png"}, priority=3, attempt=2)
        await dispatched(store, queued)
        (task,) = await store.claim_tasks("w1", {"resize"}, now=5.0, lease=30.0)
        assert task == replace(queued, status=TaskStatus.RUNNING, worker_id="w1", started_at=5.0, lease_until=35.0)
        assert await store.task("t") == task
        assert await take(store) is None

    async def test_a_task_that_comes_with_its_worker_is_in_its_hands_at_once(self, store: JobStore) -> None:
        given = a_task("t", status=TaskStatus.RUNNING, worker_id="w1", started_at=5.0, lease_until=35.0)
        await dispatched(store, given)
        assert await store.task("t") == given
        assert await take(store, "w2") is None
        assert await lost(store, 34.0) == []
        assert await lost(store, 35.0) == ["t"]
        assert await take(store, "w2") == "t"

    async def test_only_tasks_of_the_skills_asked_for_are_handed_out(self, store: JobStore) -> None:
        await dispatched(store, a_task("t", skill="resize"))
        assert await take(store, "w1", "rotate", "resize2") is None
        assert await take(store, "w1", "rotate", "resize") == "t"

    async def test_within_a_priority_the_first_comes_first_across_skills(self, store: JobStore) -> None:
        await dispatched(store, *(a_task(f"t{n}", n, skill=("a", "b")[n % 2]) for n in range(4)))
        assert [await take(store, "w", "b", "a") for _ in range(4)] == ["t0", "t1", "t2", "t3"]

    async def test_a_higher_priority_comes_first(self, store: JobStore) -> None:
        priorities = {"low": -5, "normal": 0, "also normal": 0, "high": 7}
        await dispatched(
            store, *(a_task(name, n, skill=name[0], priority=p) for n, (name, p) in enumerate(priorities.items()))
        )
        taken = [await take(store, "w", "l", "n", "a", "h") for _ in range(4)]
        assert taken == ["high", "normal", "also normal", "low"]

    async def test_a_higher_priority_comes_first_within_a_skill_too(self, store: JobStore) -> None:
        await dispatched(store, *(a_task(f"{p}/{n}", n, priority=p) for n, p in enumerate((0, -1, 5, 0, 5))))
        assert [await take(store) for _ in range(5)] == ["5/2", "5/4", "0/0", "0/3", "-1/1"]

    async def test_the_queue_is_one_for_all_jobs(self, store: JobStore) -> None:
        for job_id in ("a", "b"):
            await dispatched(
                store, a_task(f"{job_id}0", job_id=job_id), a_task(f"{job_id}1", 1, job_id=job_id), job_id=job_id
            )
        assert [await take(store) for _ in range(4)] == ["a0", "a1", "b0", "b1"]

    async def test_a_released_task_takes_its_old_place(self, store: JobStore) -> None:
        first = a_task("t0")
        await dispatched(store, first, a_task("t1", 1))
        assert await take(store) == "t0"
        assert await store.release_task("w1", "t0") is True
        assert await store.task("t0") == first
        assert [await take(store), await take(store)] == ["t0", "t1"]

    async def test_only_the_worker_that_holds_a_task_can_release_or_renew_it(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store)
        for worker, task_id in (("w2", "t0"), ("w1", "t1"), ("w1", "unknown")):
            assert await store.release_task(worker, task_id) is False
            assert await store.renew_tasks(worker, [task_id], now=9.0, lease=99.0) == []
        assert await take(store) == "t1"
        assert await end(store, a_finish("t0")) is FinishAnswer.ACCEPTED
        assert await store.release_task("w1", "t0") is False
        assert await store.renew_tasks("w1", ["t0"], now=9.0, lease=99.0) == []
        assert await take(store) is None

    async def test_an_expired_task_goes_back_to_its_old_place_with_one_attempt_more(self, store: JobStore) -> None:
        tasks = [a_task(f"t{n}", n) for n in range(3)]
        await dispatched(store, *tasks)
        assert [await take(store, now=10.0), await take(store, now=5.0)] == ["t0", "t1"]
        assert await lost(store, 34.9) == []
        assert await lost(store, 35.0) == ["t1"]
        assert await store.task("t1") == replace(tasks[1], attempt=2)
        assert await lost(store, 40.0) == ["t0"]
        assert await lost(store, 40.0) == []
        assert [await take(store) for _ in range(3)] == ["t0", "t1", "t2"]

    async def test_expired_tasks_come_back_in_the_order_of_their_queue(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store, now=20.0)
        await take(store, now=10.0)
        assert await lost(store, 100.0) == ["t0", "t1"]

    async def test_a_renewed_lease_lasts_from_now_even_if_it_had_ended(self, store: JobStore) -> None:
        await dispatched(store, a_task("t0"), a_task("t1", 1))
        await take(store, now=10.0)
        await take(store, now=10.0)
        renewed = await store.renew_tasks("w1", ["unknown", "t1", "t1"], now=50.0, lease=30.0)
        assert renewed == ["t1"]
        assert await lost(store, 79.0) == ["t0"]
        assert await lost(store, 80.0) == ["t1"]
        assert await store.renew_tasks("w1", ["t1"], now=81.0, lease=30.0) == []

    async def test_a_task_is_never_handed_out_twice_at_the_same_time(self, store: JobStore, peer: JobStore) -> None:
        await dispatched(store, *(a_task(f"{n:02}", n) for n in range(20)))
        taken = await asyncio.gather(*(take(handle, "w") for _ in range(12) for handle in (store, peer)))
        assert sorted(task_id for task_id in taken if task_id) == [f"{n:02}" for n in range(20)]
        assert taken.count(None) == 4

    async def test_several_tasks_can_be_taken_at_once(self, store: JobStore) -> None:
        await dispatched(store, *(a_task(f"t{n}", n) for n in range(5)))

        async def ids(limit: int) -> list[str]:
            return [t.id for t in await store.claim_tasks("w", ["resize"], now=2.0, lease=30.0, limit=limit)]

        taken = [await ids(limit) for limit in (0, -1, 3, 2**70, 9)]
        assert taken == [[], [], ["t0", "t1", "t2"], ["t3", "t4"], []]

    async def test_what_a_worker_does_not_offer_stays_in_its_place(self, store: JobStore) -> None:
        needs = {"resources": {"ram_gb": 8}}
        await dispatched(store, a_task("big", requirements=needs), a_task("small", 1))
        offers: list[Members] = [{"resources": {"properties": {"ram_gb": size}}} for size in (4, 16)]
        weak, strong = offers

        async def ids(offer: Members | None) -> list[str]:
            return [t.id for t in await store.claim_tasks("w", ["resize"], now=2.0, lease=30.0, limit=2, offer=offer)]

        assert await ids(None) == ["small"]
        assert await ids(weak) == []
        assert await ids(strong) == ["big"]

    async def test_what_suits_is_found_in_its_order_however_much_waits_before_it(self, store: JobStore) -> None:
        plain = {0, 1, 2, 3, *range(170, 180)}
        needs = {"software": {"cuda": "*"}}
        tasks = [
            a_task(f"{n % 3}/{n}", n, priority=n % 3, requirements={} if n in plain else needs) for n in range(180)
        ]
        await dispatched(store, *tasks)
        taken = [await take(store) for _ in range(3)]
        taken += [task.id for task in await store.claim_tasks("w1", ["resize"], now=2.0, lease=30.0, limit=999)]
        assert taken == [f"{p}/{n}" for p in (2, 1, 0) for n in sorted(plain) if n % 3 == p]
