"""Whatever is sent, the answer is clear, never a 500, and nothing half made stays behind."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from fw_rxon import Heartbeat, Record, Registration, TaskResult, WorkerEvent

from .orchestration import Hand, Site, one_task, site

NO_JSON: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"initial_data": {',
    "words": b"hello",
    "two": b"{} {}",
    "NaN": b'{"initial_data": {"n": NaN}}',
    "Infinity": b'{"initial_data": {"n": -Infinity}}',
    "not UTF-8": b'{"initial_data": {"n": "\xff"}}',
    "UTF-16": '{"initial_data": {}}'.encode("utf-16"),
    "deep": b'{"initial_data": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "deep arrays": b'{"initial_data": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "endless number": b'{"initial_data": {"n": ' + b"9" * 5000 + b"}}",
}
NOT_TO_BE_KEPT: dict[str, bytes] = {
    "array": b"[]",
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "wrong member": b'{"initial_data": {}, "webhook_url": "http://x"}',
    "data is an array": b'{"initial_data": []}',
    "data is a number": b'{"initial_data": 5}',
    "data is null": b'{"initial_data": null}',
    "out of range": b'{"initial_data": {"n": 1e999}}',
    "surrogate": b'{"initial_data": {"n": "\\ud800"}}',
    "surrogate in a key": b'{"initial_data": {"\\udfff": 1}}',
    "too deep": b'{"initial_data": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
}
KEPT: dict[str, tuple[bytes, Any]] = {
    "nothing": (b"{}", {}),
    "more than 64 bits": (b'{"initial_data": {"n": 1180591620717411303424}}', {"n": 2**70}),
    "less than 64 bits": (b'{"initial_data": {"n": -1180591620717411303424}}', {"n": -(2**70)}),
    "any text": ('{"initial_data": {"ключ": "\\u0000 😀"}}'.encode(), {"ключ": "\0 😀"}),
    "deep": (b'{"initial_data": {"a":' + b"[" * 150 + b"]" * 150 + b"}}", None),
    "twice": (b'{"initial_data": {"n": 1, "n": 2}}', {"n": 2}),
}


def parameters(cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", cases.values(), ids=cases)


async def refused(running: Site, body: bytes, status: int) -> None:
    answer = await running.post("/api/jobs/flow", body)
    assert (answer.status, bool(answer.body["error"])) == (status, True)
    assert await running.store.jobs() == []
    assert (await running.get("/api/jobs")).body == []


@parameters(NO_JSON)
async def test_a_job_is_not_made_of_what_is_no_json(body: bytes) -> None:
    async with site(one_task()) as running:
        await refused(running, body, 400)


@parameters(NOT_TO_BE_KEPT)
async def test_a_job_is_not_made_of_what_cannot_be_kept(body: bytes) -> None:
    async with site(one_task()) as running:
        await refused(running, body, 422)


async def test_a_job_is_not_made_of_too_much() -> None:
    async with site(one_task(), http={"max_body": 1000}) as running:
        await refused(running, b'{"initial_data": {"n": "' + b"x" * 1000 + b'"}}', 413)


async def test_a_job_is_not_made_of_something_that_is_not_called_json() -> None:
    async with site(one_task()) as running:
        answer = await running.call("POST", "/api/jobs/flow", headers={"X-Client-Token": "client-secret"}, data=b"{}")
        assert (answer.status, bool(answer.body["error"])) == (415, True)


@parameters(KEPT)
async def test_every_job_that_is_made_can_be_read_and_run(body: tuple[bytes, Any]) -> None:
    text, data = body
    async with site(one_task()) as running:
        answer = await running.post("/api/jobs/flow", text)
        assert answer.status == 202, answer.body
        shown = await running.get(f"/api/jobs/{answer.body['job_id']}")
        assert shown.status == 200
        if data is not None:
            assert shown.body["initial_data"] == data
            assert (await Hand(running).task())["params"] == data
        assert (await running.get("/api/jobs")).status == 200


@pytest.mark.parametrize(
    "query, words",
    [
        ("limit=-1", "limit must be a whole number from 0 to 1000"),
        ("limit=1001", "limit must be a whole number"),
        ("limit=1e2", "limit must be a whole number"),
        ("limit=%D9%A1", "limit must be a whole number"),
        ("limit=", "limit must be a whole number"),
        ("offset=99999999999999999999", "offset must be a whole number"),
        ("status=nearly", "status must be one of pending, running"),
    ],
)
async def test_a_wrong_query_is_refused_naming_it(query: str, words: str) -> None:
    async with site(one_task()) as running:
        answer = await running.get(f"/api/jobs?{query}")
        assert answer.status == 400
        assert words in answer.body["error"]


async def test_unknown_jobs_and_members_are_named() -> None:
    async with site(one_task()) as running:
        for job_id in ("nobody", "%00", "%ff", "x" * 5000, "..%2f.."):
            for path in (f"/api/jobs/{job_id}", f"/api/jobs/{job_id}/history"):
                answer = await running.get(path)
                assert (answer.status, answer.body["error"]) == (404, "Job not found")
        job_id = await running.create()
        answer = await running.get(f"/api/jobs/{job_id}?fields=status,secret")
        assert answer.status == 400
        assert "no member 'secret'; it has id, blueprint_name" in answer.body["error"]


# --- the worker's side ------------------------------------------------------------------------------------------------

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
        assert (answer.status, bool(answer.body["error"])) == (413, True)
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
