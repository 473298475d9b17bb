"""Polls, heartbeats and leases: a task reaches one worker, and none is lost with a worker or a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint, desk
from fw_orchestrator.desk import Desk
from fw_orchestrator.model import Task, TaskStatus
from fw_rxon import TaskMessage

from .orchestration import PATIENCE, WORKER_TOKEN, Clock, Hand, Site, fan_out, flow, one_task, site


async def cut_poll(running: Site, *, at: asyncio.Event | None = None) -> asyncio.StreamWriter:
    """A poll on a socket of its own that waits, or has reached ``at``."""
    await Hand(running, "gone").register()
    address = urlsplit(running.app.http.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    path = "/_worker/workers/gone/tasks/next?timeout=60&available_skills=echo"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Worker-Token: {WORKER_TOKEN}\r\n\r\n".encode())
    await (at.wait() if at else running.polls(1))
    return writer


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def test_a_poll_looks_for_itself_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """A safety net: nobody has said that the task is back in its queue."""
    monkeypatch.setattr(desk, "LOOK_AGAIN", 0.05)
    async with site(one_task()) as running:
        await running.create()
        task = await Hand(running).task()
        waiting = asyncio.create_task(Hand(running, "w2").task())
        await running.polls(1)
        assert await running.store.release_task("w1", task["task_id"])
        assert (await waiting)["task_id"] == task["task_id"]


async def test_a_poll_waits_for_a_task() -> None:
    async with site(one_task()) as running:
        polling = asyncio.create_task(Hand(running).poll())
        await running.polls(1)
        job_id = await running.create()
        assert (await polling).body["job_id"] == job_id
        await running.polls(0)


async def test_a_poll_ends_with_204_after_the_time_the_worker_wants() -> None:
    async with site(one_task()) as running, asyncio.timeout(PATIENCE):
        for timeout in (0, 0.01):
            answer = await Hand(running).poll(timeout=timeout)
            assert (answer.status, answer.body) == (204, None)


async def test_a_poll_ends_with_204_after_the_longest_time_allowed() -> None:
    async with site(one_task(), max_poll=0.01) as running, asyncio.timeout(PATIENCE):
        assert (await Hand(running).poll(timeout=1e9)).status == 204


async def test_a_task_goes_only_to_a_poller_that_lists_its_skill() -> None:
    async with site(one_task()) as running:
        other = asyncio.create_task(Hand(running, "other").poll("sing", "dance"))
        await running.polls(1)
        await running.create()
        assert (await Hand(running, "none").poll(",", timeout=0)).status == 204
        assert (await Hand(running).poll("sing", "echo")).status == 200
        assert not other.done()
        running.engine.leave()
        assert (await other).status == 204


async def test_each_task_goes_to_one_poller() -> None:
    async with site(fan_out(3)) as running:
        polls = [asyncio.create_task(Hand(running, f"w{number}").poll()) for number in range(4)]
        await running.polls(4)
        await running.create()
        async with asyncio.timeout(PATIENCE):
            while sum(poll.done() for poll in polls) < 3:  # noqa: ASYNC110 - any three of them
                await asyncio.sleep(0.002)
        numbers = [poll.result().body["params"]["number"] for poll in polls if poll.done()]
        assert sorted(numbers) == [0, 1, 2]
        await running.polls(1)
        running.engine.leave()
        assert sorted([(await poll).status for poll in polls]) == [200, 200, 200, 204]


async def test_a_poll_whose_socket_is_closed_does_not_swallow_the_task() -> None:
    async with site(one_task()) as running:
        await close(await cut_poll(running))
        job_id = await running.create()
        assert (await Hand(running).task())["job_id"] == job_id


async def test_a_closed_poll_passes_its_ring_on_to_one_that_waits() -> None:
    async with site(one_task()) as running:
        dead = await cut_poll(running)
        alive = asyncio.create_task(Hand(running).poll())
        await running.polls(2)
        await close(dead)
        job_id = await running.create()
        assert (await alive).body["job_id"] == job_id


class SlowClaim(MemoryStorage):
    """Its first claim of a task is answered only when the test allows it."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed, self.answer = asyncio.Event(), asyncio.Event()

    async def claim_tasks(self, worker_id: str, skills: Collection[str], **options: Any) -> list[Task]:
        tasks = await super().claim_tasks(worker_id, skills, **options)
        if tasks and not self.claimed.is_set():
            self.claimed.set()
            await self.answer.wait()
        return tasks


async def test_a_task_claimed_for_a_socket_that_closes_meanwhile_goes_back_to_its_queue() -> None:
    store = SlowClaim()
    async with site(fan_out(2), store=store) as running:
        job_id = await running.create()
        await running.waiting(job_id)
        dead = await cut_poll(running, at=store.claimed)
        await close(dead)
        next_one = asyncio.create_task(Hand(running).task())
        assert (await next_one)["params"] == {"number": 1}
        store.answer.set()
        assert (await Hand(running).task())["params"] == {"number": 0}


async def test_a_task_whose_socket_closes_while_it_is_sent_goes_back_to_its_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen, may_be_sent, choose = asyncio.Event(), asyncio.Event(), Desk.next_task

    async def late(desk: Desk, worker_id: str, *arguments: Any) -> TaskMessage | None:
        task = await choose(desk, worker_id, *arguments)
        if worker_id == "gone":
            chosen.set()
            await may_be_sent.wait()
        return task

    monkeypatch.setattr(Desk, "next_task", late)
    async with site(one_task(), task_lease=3600) as running:
        job_id = await running.create()
        await running.waiting(job_id)
        await close(await cut_poll(running, at=chosen))
        alive = asyncio.create_task(Hand(running).task())
        await running.polls(1)
        may_be_sent.set()
        assert (await alive)["job_id"] == job_id


async def test_a_task_put_back_keeps_its_place_and_wakes_a_poller() -> None:
    async with site(fan_out(2)) as running:
        await running.create()
        worker = Hand(running)
        first, second = await worker.task(), await worker.task()
        polling = asyncio.create_task(Hand(running, "w2").task())
        await running.polls(1)
        desk = Desk(running.engine)
        await desk.put_back(second["task_id"], "somebody-else")
        await desk.put_back(first["task_id"], "w1")
        assert (await polling)["task_id"] == first["task_id"]
        held = await running.store.task(second["task_id"])
        assert held is not None
        assert held.worker_id == "w1"


async def test_a_heartbeat_prolongs_the_leases_of_the_tasks_it_lists() -> None:
    async with site(one_task(), task_lease=30) as running:
        clock, worker = Clock(running), Hand(running)
        await running.create()
        await worker.register()
        task = await worker.task()
        clock.now += 20
        answer = await worker.heartbeat(task["task_id"])
        assert (answer.status, answer.body) == (200, {"status": "ok"})
        clock.now += 20
        assert (await running.store.sweep(now=clock.now, max_attempts=9)).lost == frozenset()
        clock.now += 20
        assert (await running.store.sweep(now=clock.now, max_attempts=9)).lost == {task["task_id"]}


async def test_the_task_of_a_silent_worker_goes_to_another_one() -> None:
    async with site(one_task(), task_lease=0.03) as running:
        clock, silent, other = Clock(running), Hand(running, "silent"), Hand(running, "other")
        job_id = await running.create()
        await silent.register()
        task = await silent.task()
        polling = asyncio.create_task(other.task())
        await running.polls(1)
        clock.now += 1
        assert (await polling)["task_id"] == task["task_id"]
        assert (await silent.heartbeat(task["task_id"])).body["cancel_task_ids"] == [task["task_id"]]
        late = await silent.hand_in(task, data={"done": "late"})
        assert late.body == {"status": "ignored", "reason": "worker_mismatch"}
        await other.hand_in(task, data={"done": "in time"})
        assert (await running.ended(job_id)).result == "in time"
        assert (await silent.hand_in(task)).body["reason"] == "job_already_terminated"


async def test_a_worker_that_is_late_but_not_replaced_still_hands_in() -> None:
    async with site(one_task(), job_lease=3600, task_lease=3600) as running:
        clock, worker = Clock(running), Hand(running)
        job_id = await running.create()
        task = await worker.task()
        clock.now += 7200
        assert (await worker.hand_in(task)).body == {"status": "accepted"}
        await running.ended(job_id)


async def test_an_unknown_worker_is_told_to_register() -> None:
    async with site(one_task(), worker_timeout=120) as running:
        clock, worker = Clock(running), Hand(running)
        answer = await worker.heartbeat()
        assert (answer.status, answer.body["error"]) == (404, "Worker not found")
        await worker.register()
        assert (await worker.heartbeat()).status == 200
        clock.now += 119
        assert (await worker.heartbeat()).status == 200
        clock.now += 121
        assert (await worker.heartbeat()).status == 404


async def test_a_heartbeat_says_which_tasks_are_not_the_workers_own() -> None:
    async with site(fan_out(3)) as running:
        worker, other = Hand(running), Hand(running, "other")
        await running.create()
        await worker.register()
        mine, done, foreign = await worker.task(), await worker.task(), await other.task()
        await worker.hand_in(done)
        answer = await worker.heartbeat(*(task["task_id"] for task in (mine, done, foreign)), "nobody-knows")
        assert answer.body == {"status": "ok", "cancel_task_ids": [foreign["task_id"], "nobody-knows"]}


async def test_workers_are_listed_while_they_are_alive() -> None:
    async with site(one_task(), worker_timeout=120) as running:
        clock = Clock(running)
        await Hand(running, "a").register()
        clock.now += 100
        await Hand(running, "b").register()
        clock.now += 100
        [shown] = (await running.get("/api/workers")).body
        assert (shown["worker_id"], shown["status"], shown["seen_at"]) == ("b", "idle", 1100.0)
        assert shown["supported_skills"][0]["name"] == "echo"


async def test_a_stop_sends_waiting_polls_away_and_leaves_running_tasks_to_their_workers() -> None:
    async with site(one_task(), http={"drain_timeout": 3600.0}) as running:
        await running.create()
        await Hand(running).task()
        polling = asyncio.create_task(Hand(running, "w2").poll(timeout=3600))
        await running.polls(1)
        async with asyncio.timeout(PATIENCE):
            await running.app.stop()
            assert (await polling).status == 204
        assert [task.status for job in await running.store.jobs() for task in await running.store.tasks(job.id)] == [
            TaskStatus.RUNNING
        ]


async def test_a_task_that_an_event_has_ended_is_to_be_stopped() -> None:
    async with site(flow_with_event()) as running:
        job_id = await running.create()
        worker = Hand(running)
        await worker.register()
        task = await worker.task()
        assert (await worker.event(task, {}, "found")).status == 200
        await running.ended(job_id)
        assert (await worker.heartbeat(task["task_id"])).body["cancel_task_ids"] == [task["task_id"]]


def flow_with_event() -> StateMachineBlueprint:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", {}, transitions={"success": "done"}, event_transitions={"found": "alarm"})

    return flow(start, ends=("done", "alarm"))
