"""The worker protocol as public workers speak it: captured requests, and answers they can live with."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from fw_orchestrator import ActionFactory
from fw_rxon import sign

from .orchestration import WORKER_TOKEN, Clock, Hand, flow, one_task, site

REGISTRATION: dict[str, Any] = {
    "available_skills": ["echo"],
    "capabilities": {
        "cost_per_skill": {},
        "extra": {"websockets": True},
        "hostname": "vm",
        "ip_address": "127.0.0.1",
    },
    "installed_artifacts": [],
    "installed_software": {"python": "3.11"},
    "resources": {"properties": {"cpu_cores": 4, "ram_gb": 0}},
    "skills_hash": "2e22fb",
    "supported_skills": [{"name": "echo", "type": "echo"}],
    "timestamp": 1795295011,
    "worker_id": "sdk-1",
    "worker_type": "generic-worker",
}
HEARTBEAT: dict[str, Any] = {
    "available_skills": ["echo"],
    "current_tasks": [],
    "skills_hash": "2e22fb",
    "status": "idle",
    "timestamp": 1795295011,
    "usage": {"cpu_load_percent": 0, "ram_used_gb": 0},
    "worker_id": "sdk-1",
}


def signed(message: dict[str, Any]) -> dict[str, Any]:
    """As a worker that signs with its token sends it, now."""
    message = {**message, "timestamp": int(time.time())}
    signature = sign(json.dumps(message).encode(), WORKER_TOKEN, without=("bubbling_chain",))
    return {**message, "security": {"signature": signature, "signer_id": "sdk-1"}}


def result(task: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "job_id": task["job_id"],
        "task_id": task["task_id"],
        "origin_worker_id": "sdk-1",
        "worker_id": "sdk-1",
        "timestamp": 1795295014,
        **members,
    }


async def test_a_public_workers_day() -> None:
    async with site(one_task()) as running:
        job_id = await running.create({"k": 1, "mode": "ok"})
        sdk = Hand(running, "sdk-1")
        answer = await sdk.send("POST", "/_worker/workers/register", signed(REGISTRATION))
        assert (answer.status, answer.body) == (200, {"status": "registered", "version": "1.0b17"})
        answer = await sdk.send("PATCH", "/_worker/workers/sdk-1", signed(HEARTBEAT))
        assert (answer.status, answer.body) == (200, {"status": "ok"})
        path = "/_worker/workers/sdk-1/tasks/next?timeout=30.0&available_skills=echo&hot_skills="
        answer = await running.call("GET", path, headers=sdk.headers)
        assert answer.status == 200
        task = answer.body
        assert (task["job_id"], task["type"], task["params"]) == (job_id, "echo", {"k": 1, "mode": "ok"})
        assert task["task_id"].startswith("task-")
        assert type(task["timestamp"]) is int
        event = {
            "bubbling_chain": [],
            "event_id": "30b9d221",
            "event_type": "progress",
            "origin_task_id": task["task_id"],
            "origin_worker_id": "sdk-1",
            "payload": {"message": "at 0.25", "progress": 0.25},
            "priority": 0,
            "target_job_id": job_id,
            "target_task_id": task["task_id"],
            "timestamp": 1795295537,
            "trace_context": {},
            "worker_id": "sdk-1",
        }
        assert (await sdk.send("POST", "/_worker/events", signed(event))).body == {"status": "event_accepted"}
        ended = result(task, costs={"execution_time_seconds": 0.0004}, data={"answer": 42, "echo": {"k": 1}})
        assert (await sdk.send("POST", "/_worker/tasks/result", signed(ended))).body == {"status": "accepted"}
        assert (await running.ended(job_id)).result == {"answer": 42, "echo": {"k": 1}}
        farewell = {**HEARTBEAT, "status": "offline", "supported_skills": []}
        assert (await sdk.send("PATCH", "/_worker/workers/sdk-1", farewell)).status == 200


async def test_captured_failure_and_cancellation() -> None:
    async with site(one_task(cancelled="stopped")) as running:
        sdk = Hand(running, "sdk-1")
        failing, cancelled = await running.create(), await running.create()
        error = {"code": "PERMANENT_ERROR", "message": "as told"}
        body = result(await sdk.task(), data={}, error=error, status="failure")
        assert (await sdk.send("POST", "/_worker/tasks/result", body)).body == {"status": "accepted"}
        body = result(await sdk.task(), status="cancelled")
        assert (await sdk.send("POST", "/_worker/tasks/result", body)).body == {"status": "accepted"}
        assert (await running.ended(failing)).status == "quarantined"
        assert (await running.ended(cancelled)).state == "stopped"


async def test_the_result_of_the_public_worker_is_idempotent_to_the_byte() -> None:
    async with site(one_task()) as running:
        sdk = Hand(running, "sdk-1")
        await running.create()
        body = json.dumps(result(await sdk.task(), data={"n": 1})).encode()
        first = await sdk.send("POST", "/_worker/tasks/result", body)
        assert first.body == (await sdk.send("POST", "/_worker/tasks/result", body)).body == {"status": "accepted"}


async def test_two_equal_heartbeats_are_both_answered() -> None:
    async with site(one_task()) as running:
        sdk = Hand(running, "sdk-1")
        await sdk.send("POST", "/_worker/workers/register", REGISTRATION)
        for _ in range(2):
            assert (await sdk.send("PATCH", "/_worker/workers/sdk-1", HEARTBEAT)).status == 200


async def test_a_heartbeat_without_a_body_is_a_sign_of_life() -> None:
    async with site(one_task()) as running:
        sdk = Hand(running, "sdk-1")
        await sdk.register()
        assert (await sdk.send("PATCH", "/_worker/workers/sdk-1", b"")).status == 200


@pytest.mark.parametrize("timestamp", [1795295011, 1795295011.0])
async def test_a_float_with_an_integral_value_is_an_integer(timestamp: float) -> None:
    async with site(one_task()) as running:
        body = {**REGISTRATION, "timestamp": timestamp}
        assert (await Hand(running, "sdk-1").send("POST", "/_worker/workers/register", body)).status == 200


async def test_what_is_shown_of_a_worker_is_what_it_said_without_its_signature() -> None:
    async with site(one_task()) as running:
        await Hand(running, "sdk-1").send("POST", "/_worker/workers/register", signed(REGISTRATION))
        [shown] = (await running.get("/api/workers")).body
        assert shown["capabilities"]["extra"] == {"websockets": True}
        assert shown.get("security") is None


async def test_every_answer_carries_the_version_and_success_is_json() -> None:
    async with site(one_task()) as running:
        sdk = Hand(running, "sdk-1")
        await running.create()
        unknown = await sdk.heartbeat()
        answers = [
            await sdk.register(),
            await sdk.heartbeat(),
            await sdk.poll(),
            await sdk.hand_in({"job_id": "j", "task_id": "t"}),
        ]
        assert [answer.headers["Content-Type"] for answer in answers] == ["application/json"] * 4
        empty = await sdk.poll(timeout=0)
        assert (empty.status, empty.headers.get("Content-Length", "0")) == (204, "0")
        malformed = await sdk.send("POST", "/_worker/events", b"{")
        stranger = await running.call("GET", "/_worker/workers/w1/tasks/next", headers={"X-Worker-Token": "x"})
        all_of_them = [*answers, empty, unknown, malformed, stranger]
        assert [answer.headers.get("X-RXON-Version") for answer in all_of_them] == ["1.0b17"] * 8


async def test_a_changed_catalogue_is_asked_for_and_kept() -> None:
    """A worker says by its hash that it has changed, and how only when it is asked; a farewell changes nothing."""

    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("sing", {}, transitions={"success": "done"}, skill_version="2")

    async with site(flow(start)) as running:
        await running.waiting(await running.create())
        sdk = Hand(running, "sdk-1")
        await sdk.send("POST", "/_worker/workers/register", REGISTRATION)

        async def beat(**members: Any) -> Any:
            return (await sdk.send("PATCH", "/_worker/workers/sdk-1", {**HEARTBEAT, **members})).body

        assert await beat() == {"status": "ok"}
        for _ in range(2):
            assert await beat(skills_hash="changed") == {"status": "ok", "require_full_sync": True}
        catalogue = [{"name": "echo"}, {"name": "sing", "version": "2"}]
        assert await beat(skills_hash="changed", supported_skills=catalogue) == {"status": "ok"}
        assert await beat(skills_hash="changed") == {"status": "ok"}
        assert [*(await running.get("/api/workers/catalog")).body] == ["echo", "sing"]
        assert (await sdk.poll("sing")).status == 200
        assert await beat(status="offline", skills_hash="changed", supported_skills=[]) == {"status": "ok"}
        [shown] = (await running.get("/api/workers")).body
        assert (shown["status"], shown["worker_type"], len(shown["supported_skills"])) == (
            "offline",
            "generic-worker",
            2,
        )


async def test_an_unknown_worker_is_told_so_by_its_heartbeat_and_its_poll() -> None:
    """Public workers register again when they read these words; a poll that waited would never bring a task."""
    async with site(one_task(), worker_timeout=120) as running:
        clock, headers = Clock(running), {"X-Worker-Token": WORKER_TOKEN}
        sdk = Hand(running, "sdk-1")
        path = "/_worker/workers/sdk-1/tasks/next?timeout=3600&available_skills=echo"
        for _ in range(2):
            polled = await running.call("GET", path, headers=headers)
            for answer in (polled, await sdk.heartbeat()):
                assert (answer.status, answer.body["error"]) == (404, "Worker not found")
            await sdk.register()
            polling = asyncio.create_task(running.call("GET", path, headers=headers))
            await running.polls(1)
            await running.create()
            assert (await polling).status == 200
            clock.now += 120
            assert (await sdk.heartbeat()).status == 404


async def test_the_sender_must_be_who_the_message_speaks_of() -> None:
    """By its path and by its body."""
    async with site(one_task()) as running:
        headers = {"X-Worker-Token": WORKER_TOKEN, "X-Worker-ID": "somebody-else", "Content-Type": "application/json"}
        event = {"event_id": "1", "worker_id": "sdk-1", "origin_worker_id": "sdk-1", "event_type": "progress"}
        for method, path, body in (
            ("POST", "/_worker/workers/register", REGISTRATION),
            ("PATCH", "/_worker/workers/sdk-1", HEARTBEAT),
            ("PATCH", "/_worker/workers/sdk-1", {**HEARTBEAT, "worker_id": "somebody-else"}),
            ("PATCH", "/_worker/workers/somebody-else", HEARTBEAT),
            ("GET", "/_worker/workers/sdk-1/tasks/next", {}),
            ("POST", "/_worker/tasks/result", {"job_id": "j", "task_id": "t", "worker_id": "sdk-1"}),
            ("POST", "/_worker/events", {**event, "payload": {}}),
        ):
            answer = await running.call(method, path, headers=headers, data=json.dumps(body).encode())
            assert (answer.status, answer.body["error"]) == (403, "Unauthorized: Immediate sender ID mismatch")


async def test_the_status_page_answers_anybody() -> None:
    async with site(one_task()) as running:
        answer = await running.call("GET", "/_public/status")
        assert (answer.status, answer.body) == (200, {"status": "ok"})
