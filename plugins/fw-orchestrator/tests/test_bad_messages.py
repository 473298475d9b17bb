"""Whatever a worker sends, the answer names what is wrong, and nothing half made stays behind."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from fw_rxon import Heartbeat, Record, Registration, TaskResult, WorkerEvent

from .bad_json import NO_JSON, parameters
from .orchestration import Hand, one_task, site

ENDPOINTS: dict[str, tuple[str, str, type[Record], dict[str, Any]]] = {
    "register": ("POST", "/_worker/workers/register", Registration, {"worker_id": "w1"}),
    "heartbeat": ("PATCH", "/_worker/workers/w1", Heartbeat, {}),
    "result": ("POST", "/_worker/tasks/result", TaskResult, {"job_id": "j", "task_id": "t"}),
    "event": (
        "POST",
        "/_worker/events",
        WorkerEvent,
        {"event_id": "e", "worker_id": "w1", "origin_worker_id": "w1", "event_type": "progress", "payload": {}},
    ),
}
WRONG: tuple[Any, ...] = (5, -1.5, True, "x", [], [5], [[]], {}, {"a": 5}, {"a": []}, 2**70, None)
NO_MESSAGE = {name: body.replace(b"initial_data", b"metadata") for name, body in NO_JSON.items() if name != "empty"}
UNREADABLE = NO_MESSAGE | {
    "array": b"[]",
    "null": b"null",
    "text": b'"x"',
    "out of range": b'{"metadata": {"n": 1e999}}',
    "surrogate": b'{"metadata": {"n": "\\ud800"}}',
}

each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)


@each_endpoint
@parameters(UNREADABLE)
async def test_a_worker_is_told_what_cannot_be_read(endpoint: str, body: bytes) -> None:
    method, path, record, _ = ENDPOINTS[endpoint]
    async with site(one_task()) as running:
        answer = await Hand(running).send(method, path, body)
        assert answer.status == 400
        assert answer.body["error"].startswith(f"{record.__name__}: $")
        assert await running.store.workers() == []


@each_endpoint
async def test_a_worker_is_told_which_member_is_of_the_wrong_type(endpoint: str) -> None:
    method, path, record, valid = ENDPOINTS[endpoint]
    async with site(one_task()) as running:
        worker = Hand(running)
        await worker.register()
        for field in msgspec.structs.fields(record):
            refusals = 0
            for value in WRONG:
                answer = await worker.send(method, path, {**valid, field.name: value})
                assert answer.status < 500, (field.name, value)
                if answer.status == 400:
                    refusals += 1
                    assert field.name in answer.body["error"]
            assert refusals > 0, field.name
        assert (await running.get("/api/workers")).status == 200


NESTED: dict[str, tuple[str, str]] = {
    "supported_skills[0].name": ("register", '{"supported_skills": [{"name": %s}]}'),
    "supported_skills[0].type": ("register", '{"supported_skills": [{"name": "a", "type": %s}]}'),
    "supported_skills[0].input_schema": ("register", '{"supported_skills": [{"name": "a", "input_schema": %s}]}'),
    "supported_skills[0].events_schema": ("register", '{"supported_skills": [{"name": "a", "events_schema": %s}]}'),
    "supported_skills[0].output_statuses": ("register", '{"supported_skills": [{"name": "a", "output_statuses": %s}]}'),
    "resources.devices": ("register", '{"resources": {"devices": %s}}'),
    "resources.devices[0].type": ("register", '{"resources": {"devices": [{"type": %s}]}}'),
    "installed_software": ("register", '{"installed_software": {"a": %s}}'),
    "installed_artifacts[0].name": ("register", '{"installed_artifacts": [{"name": %s}]}'),
    "capabilities.hostname": ("register", '{"capabilities": {"hostname": %s}}'),
    "capabilities.cost_per_skill": ("register", '{"capabilities": {"cost_per_skill": {"a": %s}}}'),
    "usage.cpu_load_percent": ("heartbeat", '{"usage": {"cpu_load_percent": %s}}'),
    "usage.devices_usage": ("heartbeat", '{"usage": {"devices_usage": %s}}'),
    "supported_skills": ("heartbeat", '{"supported_skills": [%s]}'),
    "current_tasks": ("heartbeat", '{"current_tasks": [%s]}'),
    "error.code": ("result", '{"error": {"code": %s}}'),
    "error.details": ("result", '{"error": {"code": "a", "details": %s}}'),
    "costs": ("result", '{"costs": {"a": %s}}'),
    "data_metadata": ("result", '{"data_metadata": {"a": {"uri": "u", "size": %s}}}'),
    "trace_context": ("event", '{"trace_context": {"a": %s}}'),
}
VALUES = ["true", "[[]]", '"x"', "-1.5", str(2**64), "1e308", "{}", '{"a": [1]}', "NaN", "1e999", "[" * 300 + "]" * 300]


@pytest.mark.parametrize("place", NESTED)
async def test_a_wrong_type_deep_inside_is_told_with_its_place(place: str) -> None:
    endpoint, text = NESTED[place]
    method, path, _, valid = ENDPOINTS[endpoint]
    async with site(one_task()) as running:
        worker = Hand(running)
        await worker.register()
        told = 0
        for value in VALUES:
            body = json.dumps(valid)[:-1] + (", " if valid else "") + (text % value)[1:]
            answer = await worker.send(method, path, body.encode())
            assert answer.status < 500, (value, answer.body)
            if answer.status == 400:
                told += place.partition("[")[0].partition(".")[0] in answer.body["error"]
        assert told > 0
        assert (await running.get("/api/workers")).status == 200
        assert (await running.get("/api/workers/catalog")).status == 200


@each_endpoint
async def test_a_worker_is_told_which_member_is_missing(endpoint: str) -> None:
    method, path, _, valid = ENDPOINTS[endpoint]
    async with site(one_task()) as running:
        for name in valid:
            body = {key: value for key, value in valid.items() if key != name}
            answer = await Hand(running).send(method, path, body)
            assert (answer.status, f"$.{name}: the member is missing" in answer.body["error"]) == (400, True)


@each_endpoint
async def test_a_worker_is_told_when_it_sends_too_much(endpoint: str) -> None:
    method, path, _, valid = ENDPOINTS[endpoint]
    async with site(one_task(), http={"max_body": 1000}) as running:
        answer = await Hand(running).send(method, path, {**valid, "metadata": {"n": "x" * 1000}})
        assert answer.status == 413
        assert answer.body["error"] == "The body is larger than 1000 bytes, which [http] max_body allows."
        assert await running.store.workers() == []


@pytest.mark.parametrize("where", ["data", "metadata"])
async def test_what_a_worker_sends_can_be_shown_or_is_refused(where: str) -> None:
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        task = await worker.task()
        deep = b'{"a":' * 900 + b"1" + b"}" * 900
        head = json.dumps({"job_id": job_id, "task_id": task["task_id"]}).encode()[:-1]
        answer = await worker.send("POST", "/_worker/tasks/result", head + b', "%s": %s}' % (where.encode(), deep))
        assert answer.status == 400
        assert "nested" in answer.body["error"]
        assert (await worker.hand_in(task, data={"n": 2**70})).status == 200
        await running.ended(job_id)
        for path in (f"/api/jobs/{job_id}", "/api/jobs", f"/api/jobs/{job_id}/history"):
            assert (await running.get(path)).status == 200
        assert (await running.get(f"/api/jobs/{job_id}")).body["result"] == {"n": 2**70}


@pytest.mark.parametrize("worker_id", ["a b", "x" * 129, "ключ", "a%0A"])
async def test_a_worker_needs_an_identifier(worker_id: str) -> None:
    async with site(one_task()) as running:
        headers = {"X-Worker-Token": "worker-secret", "Content-Type": "application/json"}
        data = json.dumps({"worker_id": worker_id}).encode()
        answers = [
            await running.call("POST", "/_worker/workers/register", headers=headers, data=data),
            await running.call("PATCH", f"/_worker/workers/{worker_id}", headers=headers, data=b"{}"),
            await running.call("GET", f"/_worker/workers/{worker_id}/tasks/next?timeout=0", headers=headers),
        ]
        assert [answer.status for answer in answers] == [400] * 3
        assert "is not an identifier" in answers[0].body["error"]
        assert await running.store.workers() == []


async def test_a_result_without_any_worker_is_refused() -> None:
    async with site(one_task()) as running:
        headers = {"X-Worker-Token": "worker-secret"}
        data = b'{"job_id": "j", "task_id": "t"}'
        assert (await running.call("POST", "/_worker/tasks/result", headers=headers, data=data)).status == 400


@pytest.mark.parametrize("timeout", ["-1", "nan", "inf", "1e999", "soon", ""])
async def test_a_poll_needs_a_number_of_seconds(timeout: str) -> None:
    async with site(one_task()) as running:
        worker = Hand(running)
        path = f"/_worker/workers/w1/tasks/next?available_skills=echo&timeout={timeout}"
        answer = await running.call("GET", path, headers=worker.headers)
        assert (answer.status, "timeout must be a number" in answer.body["error"]) == (400, True)
