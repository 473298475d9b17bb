"""Cancelled is cancelled: at once, for good, and told to whoever works on it."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from fw_orchestrator import ActionFactory
from fw_orchestrator.model import JobStatus

from .orchestration import PATIENCE, WORKER_TOKEN, Hand, Site, fan_out, flow, one_task, site


async def cancel(running: Site, job_id: str) -> int:
    return (await running.post(f"/api/jobs/{job_id}/cancel", b"")).status


async def test_a_cancelled_job_leaves_the_queue() -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        await running.waiting(job_id)
        assert await cancel(running, job_id) == 200
        assert (await running.ended(job_id)).status is JobStatus.CANCELLED
        assert (await Hand(running).poll(timeout=0)).status == 204
        assert await cancel(running, job_id) == 404
        assert await cancel(running, "nobody") == 404


async def test_the_worker_is_told_by_its_heartbeat_and_its_success_changes_nothing() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.register()
        task = await worker.task()
        await worker.event(task, {"progress": 50})
        await cancel(running, job_id)
        assert job_id not in running.engine.progress
        assert (await worker.heartbeat(task["task_id"])).body["cancel_task_ids"] == [task["task_id"]]
        for _ in range(2):
            answer = await worker.hand_in(task, data={"done": 1})
            assert answer.body == {"status": "ignored", "reason": "job_cancelled"}
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["status"], shown["result"], shown["current_task_id"]) == ("cancelled", None, None)
        events = [entry.event for entry in await running.store.history(job_id)]
        assert events == ["job_created", "tasks_dispatched", "job_cancelled"]


async def test_the_worker_is_told_by_its_socket_at_once() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=worker.headers) as socket:
            await linked(running, 1)
            await cancel(running, job_id)
            told = await socket.receive_json(timeout=PATIENCE)
        assert told == {"command": "cancel_task", "task_id": task["task_id"], "job_id": job_id}
        await linked(running, 0)


async def test_the_worker_of_a_task_that_is_not_needed_any_more_is_told_at_once() -> None:
    async with site(fan_out(2, "any")) as running:
        job_id, worker, other = await running.create(), Hand(running), Hand(running, "other")
        first, second = await worker.task(), await other.task()
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["current_task_id"], shown["assigned_worker_id"]) == (None, None)
        url = f"{running.app.http.url}/_worker/ws/other"
        async with running.session.ws_connect(url, headers=other.headers) as socket:
            await linked(running, 1)
            await worker.hand_in(first)
            told = await socket.receive_json(timeout=PATIENCE)
        assert told == {"command": "cancel_task", "task_id": second["task_id"], "job_id": job_id}


async def test_the_worker_of_a_task_that_an_event_has_ended_is_told_at_once() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", {}, transitions={"success": "done"}, event_transitions={"enough": "done"})

    async with site(flow(start)) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=worker.headers) as socket:
            await linked(running, 1)
            assert (await worker.event(task, {}, "enough")).status == 200
            told = await socket.receive_json(timeout=PATIENCE)
        assert told == {"command": "cancel_task", "task_id": task["task_id"], "job_id": job_id}
        assert (await running.ended(job_id)).status is JobStatus.FINISHED


async def linked(running: Site, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(running.engine.links) != count:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.002)


def nested(levels: int) -> list[Any]:
    return [] if levels == 1 else [nested(levels - 1)]


async def test_a_socket_takes_events_and_survives_nonsense(caplog: pytest.LogCaptureFixture) -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        event = worker.event_body(task, {"progress": 40, "message": "on the way"})
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=worker.headers) as socket:
            await socket.send_str("nonsense")
            await socket.send_bytes(b"\x00")
            await socket.send_json(event | {"worker_id": "somebody-else"})
            await socket.send_json(event | {"payload": {"deep": nested(250)}})
            await socket.send_json(event | {"target_task_id": "nobodys"})
            await socket.send_json(event)
            async with asyncio.timeout(PATIENCE):
                while job_id not in running.engine.progress:  # noqa: ASYNC110 - nothing announces it
                    await asyncio.sleep(0.002)
        assert (await running.get(f"/api/jobs/{job_id}")).body["progress"] == 40
    assert caplog.text.count("worker w1 sent no event") == 3
    assert caplog.text.count("worker w1 sent an event of a task that it does not hold") == 1


async def test_a_second_socket_of_a_worker_replaces_the_first() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.task()
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=worker.headers) as first:
            await linked(running, 1)
            async with running.session.ws_connect(url, headers=worker.headers) as second:
                closed = await first.receive(timeout=PATIENCE)
                assert (closed.type, first.close_code) == (aiohttp.WSMsgType.CLOSE, 1008)
                await cancel(running, job_id)
                assert (await second.receive_json(timeout=PATIENCE))["command"] == "cancel_task"


async def test_a_worker_that_answers_no_ping_is_unlinked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fw_orchestrator.worker_socket.HEARTBEAT", 0.05)
    async with site(one_task()) as running:
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=Hand(running).headers):
            await linked(running, 1)
            await linked(running, 0)


async def test_a_stop_closes_the_sockets() -> None:
    async with site(one_task(), http={"drain_timeout": 3600.0}) as running:
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=Hand(running).headers) as socket:
            await linked(running, 1)
            async with asyncio.timeout(PATIENCE):
                stopping = asyncio.create_task(running.app.stop())
                await socket.receive()
                await stopping
            assert socket.close_code == 1001


async def test_a_socket_needs_the_token_and_an_upgrade() -> None:
    async with site(one_task()) as running:
        for headers, status in (({}, 403), ({"X-Worker-Token": WORKER_TOKEN}, 426)):
            assert (await running.call("GET", "/_worker/ws/w1", headers=headers)).status == status


async def test_a_handler_in_hand_cannot_bring_its_job_back() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def start(actions: ActionFactory) -> None:
        began.set()
        await may_end.wait()
        actions.transition_to("done")

    async with site(flow(start)) as running, asyncio.timeout(PATIENCE):
        job_id = await running.create()
        await began.wait()
        assert await running.app.orchestrator.cancel_job(job_id, "changed our mind") is True
        may_end.set()
        while running.engine.active:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.002)
        assert (await running.ended(job_id)).status is JobStatus.CANCELLED
        assert (await running.store.history(job_id))[-1].detail == {"reason": "changed our mind"}
