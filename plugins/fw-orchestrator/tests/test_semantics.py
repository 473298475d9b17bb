"""Who gets which task, and when: what is promised of dispatch."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import JobStatus, Task, TaskStatus
from fw_orchestrator.pollers import Poller, Pollers

from .orchestration import Clock, Hand, fan_out, flow, one_task, site

QUICK: dict[str, Any] = {"job_lease": 0.03}
"""Sweeps every ten milliseconds."""


async def test_jobs_wait_until_a_worker_is_free() -> None:
    async with site(one_task()) as running:
        ids = [await running.create({"n": n}) for n in range(5)]
        for job_id in ids:
            await running.waiting(job_id)
        worker = Hand(running)
        for n in range(5):
            task = await worker.task()
            assert task["params"] == {"n": n}
            await worker.hand_in(task)
        assert [(await running.ended(job_id)).status for job_id in ids] == [JobStatus.FINISHED] * 5


async def test_a_higher_priority_goes_first_and_within_one_the_first_that_came() -> None:
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        priority = initial_data["priority"]
        actions.dispatch_task("echo", initial_data, transitions={"success": "done"}, priority=priority)

    async with site(flow(start)) as running:
        for n, priority in enumerate((0, 5, 0, -1, 5)):
            await running.waiting(await running.create({"n": n, "priority": priority}))
        worker = Hand(running)
        assert [(await worker.task())["params"]["n"] for _ in range(5)] == [1, 4, 0, 2, 3]


class CountedClaims(MemoryStorage):
    """Counts how often somebody looks for a task."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    async def claim_tasks(self, *arguments: Any, **options: Any) -> list[Task]:
        self.looks += 1
        return await super().claim_tasks(*arguments, **options)


async def test_one_task_wakes_one_waiter() -> None:
    store = CountedClaims()
    async with site(fan_out(3), store=store) as running:
        polls = [asyncio.create_task(Hand(running, f"w{n}").poll()) for n in range(10)]
        await running.polls(10)
        before = store.looks
        await running.create()
        await running.polls(7)
        for _ in range(5):
            await asyncio.sleep(0)  # whoever was woken needlessly would look now
        # Each gets its task without looking, and nobody else has looked.
        assert store.looks == before
        running.engine.leave()
        assert sorted([(await poll).status for poll in polls]) == [200] * 3 + [204] * 7


async def shares(total: int, workers: int) -> Counter[str]:
    """How many of ``total`` tasks, coming one by one, each of some equal idle workers gets."""
    got: Counter[str] = Counter()

    async def work(hand: Hand) -> None:
        while (answer := await hand.poll()).status == 200:
            got[hand.id] += 1
            await hand.hand_in(answer.body)

    async with site(one_task()) as running, asyncio.timeout(60), asyncio.TaskGroup() as group:
        for n in range(workers):
            group.create_task(work(Hand(running, f"w{n}")))
        for number in range(total):
            await running.polls(workers)
            assert got.total() == number
            await running.ended(await running.create())
        await running.polls(workers)
        running.engine.leave()
    return got


async def test_equal_idle_workers_get_equal_shares() -> None:
    """400 tasks over 8 workers: none gets more than twice its share."""
    got = await shares(400, 8)
    assert got.total() == 400
    assert len(got) == 8
    assert max(got.values()) <= 2 * 400 / 8


async def test_the_check_above_notices_a_favourite(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last to come is served first: one worker does it all."""

    def reserve(pollers: Pollers, task: Task) -> Poller | None:
        poller = next((one for one in reversed(pollers._waiting.get(task.skill, {})) if one.is_open), None)
        if poller is not None:
            poller.promise()
        return poller

    monkeypatch.setattr(Pollers, "reserve", reserve)
    assert max((await shares(40, 8)).values()) > 2 * 40 / 8


async def test_a_task_that_nobody_takes_in_time_ends_as_timed_out() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task(
            "echo", transitions={"success": "done", "failure": "late"}, dispatch_timeout_seconds=30, priority=5
        )

    async with site(flow(start, ends=("done", "late")), **QUICK) as running:
        clock = Clock(running)
        job_id = await running.create()
        await running.waiting(job_id)
        clock.now += 29
        [task] = await running.store.tasks(job_id)
        assert task.dispatch_deadline == 1030.0
        clock.now += 1
        job = await running.ended(job_id)
        assert (job.status, job.state) == (JobStatus.FINISHED, "late")
        [task] = await running.store.tasks(job_id)
        assert task.outcome is not None
        assert task.outcome.error is not None
        assert task.outcome.error.message == "No worker took the task within 30 s."
        assert (await Hand(running).poll(timeout=0)).status == 204


async def test_queue_time_is_not_run_time_and_a_late_worker_is_replaced() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", transitions={"success": "done"}, result_timeout_seconds=20.5)

    async with site(flow(start), task_lease=3600, **QUICK) as running:
        clock, slow, quick = Clock(running), Hand(running, "slow"), Hand(running, "quick")
        job_id = await running.create()
        await running.waiting(job_id)
        clock.now += 1000
        task = await slow.task()
        assert task["deadline"] == 2021
        assert isinstance(task["deadline"], int)
        clock.now += 20
        await asyncio.sleep(0.03)
        [before] = await running.store.tasks(job_id)
        assert before.status is TaskStatus.RUNNING
        polling = asyncio.create_task(quick.task())
        await running.polls(1)
        clock.now += 0.5
        again = await polling
        assert again["task_id"] != task["task_id"]
        assert (await slow.hand_in(task, data={"done": "late"})).body["status"] == "ignored"
        await quick.hand_in(again, data={"done": "in time"})
        assert (await running.ended(job_id)).result == "in time"


async def test_a_task_that_makes_every_worker_die_is_quarantined() -> None:
    async with site(one_task(), max_retries=2, task_lease=30, **QUICK) as running:
        clock = Clock(running)
        job_id = await running.create()
        for n in range(3):
            assert (await Hand(running, f"victim{n}").task())["job_id"] == job_id
            clock.now += 31
        job = await running.ended(job_id)
        assert job.status is JobStatus.QUARANTINED
        assert job.error is not None
        assert (job.error.code, job.error.message) == ("WORKER_LOST", "3 workers in a row fell silent with the task.")
        events = [entry.event for entry in await running.store.history(job_id)]
        assert events == ["job_created", "tasks_dispatched", "task_timed_out", "job_quarantined"]


async def test_a_task_goes_only_to_a_worker_that_has_what_it_requires() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task(
            "echo",
            transitions={"success": "done"},
            max_cost=2,
            resource_requirements={"software": {"ffmpeg": "*"}},
            resource_hint="gpu",
        )

    async with site(flow(start)) as running:
        plain, able = Hand(running, "plain"), Hand(running, "able")
        await plain.register()
        await able.register(installed_software={"ffmpeg": "7"}, capabilities={"cost_per_skill": {"echo": 1.5}})
        first = asyncio.create_task(plain.poll())
        await running.polls(1)
        second = asyncio.create_task(able.task())
        await running.polls(2)
        await running.create(metadata={"customer": "b"})
        assert (await second)["metadata"] == {"customer": "b", "resource_hint": "gpu"}
        assert not first.done()
        running.engine.leave()
        assert (await first).status == 204


async def test_an_event_of_the_worker_can_move_the_job() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", transitions={"success": "done"}, event_transitions={"found": "alarm"})

    async with site(flow(start, ends=("done", "alarm"))) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        assert (await worker.event(task, {"alarm": 7}, kind="other")).status == 200
        assert (await worker.event(task, {"alarm": 7}, kind="found")).status == 200
        job = await running.ended(job_id)
        assert (job.state, job.result) == ("alarm", 7)
        assert (await worker.hand_in(task, data={"done": 1})).body == {"status": "accepted"}
        assert (await running.ended(job_id)).result == 7


async def test_enough_successes_end_a_fan_out_and_the_rest_is_cancelled() -> None:
    async with site(fan_out(4, 2)) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.register()
        first, second, third = [await worker.task() for _ in range(3)]
        await worker.hand_in(first)
        await worker.hand_in(second)
        job = await running.ended(job_id)
        assert [entry["status"] for entry in job.result] == ["success", "success", "cancelled", "cancelled"]
        assert (await worker.heartbeat(third["task_id"])).body["cancel_task_ids"] == [third["task_id"]]
        assert (await worker.hand_in(third)).body["status"] == "ignored"
        assert (await worker.poll(timeout=0)).status == 204


async def test_a_fan_out_may_wait_for_all_though_enough_succeeded() -> None:
    async with site(fan_out(3, "any", wait_for_all=True)) as running:
        job_id, worker = await running.create(), Hand(running)
        for number in range(3):
            assert (await running.waiting(job_id)).tasks_open == 3 - number
            await worker.hand_in(await worker.task())
        assert [entry["status"] for entry in (await running.ended(job_id)).result] == ["success"] * 3


async def test_a_fan_out_that_has_become_hopeless_fails_at_once() -> None:
    async with site(fan_out(3)) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.fail(await worker.task(), "PERMANENT_ERROR", "broken")
        job = await running.ended(job_id)
        assert job.error is not None
        assert "1 of 3 tasks failed; 3 had to succeed. The first: broken" in job.error.message


async def test_a_job_that_goes_round_in_circles_is_stopped() -> None:
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.transition_to("done" if "stop" in initial_data else "start")

    async with site(flow(start, ends=("done",)), max_transitions=7) as running:
        job = await running.ended(await running.create())
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert "has made 7 transitions, which is the most allowed" in job.error.message


async def test_a_job_may_use_only_the_skills_it_was_allowed() -> None:
    async with site(one_task()) as running:
        answer = await running.post("/api/jobs/flow", b'{"policy": {"allowed_skills": ["sing", "dance"]}}')
        job = await running.ended(answer.body["job_id"])
        assert job.error is not None
        assert "may not use skill 'echo'; allowed: sing, dance" in job.error.message


async def test_settings_of_a_job_hold_for_tasks_that_say_nothing() -> None:
    body = b'{"dispatch_timeout": 5, "result_timeout": 7.5, "max_transitions": 9, "metadata": {"who": "me"}}'
    async with site(one_task()) as running:
        Clock(running)
        job_id = (await running.post("/api/jobs/flow", body)).body["job_id"]
        await running.waiting(job_id)
        [task] = await running.store.tasks(job_id)
        assert (task.dispatch_deadline, task.result_timeout) == (1005.0, 7.5)
        assert (await running.get(f"/api/jobs/{job_id}")).body["metadata"] == {"who": "me"}
