"""Whatever is sent, the answer is clear, never a 500, and nothing half made stays behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fw_http import Problem
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.errors import InvalidJobData
from fw_orchestrator.job_request import job_request

from .bad_json import NO_JSON, parameters
from .orchestration import ADMIN_TOKEN, Hand, Site, one_task, site

NOT_TO_BE_KEPT: dict[str, bytes] = {
    "array": b"[]",
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "wrong member": b'{"initial_data": {}, "webhook_url": "http://x"}',
    "a later member is empty": b'{"webhook_url": ""}',
    "dispatch_timeout is text": b'{"dispatch_timeout": "x"}',
    "dispatch_timeout is true": b'{"dispatch_timeout": true}',
    "dispatch_timeout is negative": b'{"dispatch_timeout": -1}',
    "dispatch_timeout is zero": b'{"dispatch_timeout": 0}',
    "result_timeout is huge": b'{"result_timeout": 1e300}',
    "result_timeout is a huge integer": b'{"result_timeout": 1180591620717411303424}',
    "max_transitions is true": b'{"max_transitions": true}',
    "max_transitions is zero": b'{"max_transitions": 0}',
    "max_transitions is beyond the limit": b'{"max_transitions": 101}',
    "max_transitions is a float": b'{"max_transitions": 1.5}',
    "metadata is text": b'{"metadata": "x"}',
    "policy is a list": b'{"policy": []}',
    "policy is empty": b'{"policy": {}}',
    "policy allows nothing": b'{"policy": {"allowed_skills": []}}',
    "policy names no skill": b'{"policy": {"allowed_skills": ["a b"]}}',
    "policy names a number": b'{"policy": {"allowed_skills": [5]}}',
    "policy has more": b'{"policy": {"allowed_skills": ["a"], "more": 1}}',
    "policy is too large": b'{"policy": {"allowed_skills": [' + b",".join([b'"abcdefgh"'] * 500) + b"]}}",
    "data is an array": b'{"initial_data": []}',
    "data is a number": b'{"initial_data": 5}',
    "data is null": b'{"initial_data": null}',
    "surrogate": b'{"initial_data": {"n": "\\ud800"}}',
    "surrogate in a key": b'{"initial_data": {"\\udfff": 1}}',
}
KEPT: dict[str, tuple[bytes, Any]] = {
    "nothing": (b"{}", {}),
    "more than 64 bits": (b'{"initial_data": {"n": 1180591620717411303424}}', {"n": 2**70}),
    "less than 64 bits": (b'{"initial_data": {"n": -1180591620717411303424}}', {"n": -(2**70)}),
    "any text": ('{"initial_data": {"ключ": "\\u0000 😀"}}'.encode(), {"ключ": "\0 😀"}),
    "deep": (b'{"initial_data": {"a":' + b"[" * 150 + b"]" * 150 + b"}}", None),
    "as many transitions as there may be": (b'{"max_transitions": 100}', {}),
    "twice": (b'{"initial_data": {"n": 1, "n": 2}}', {"n": 2}),
}


async def refused(running: Site, body: bytes, status: int) -> None:
    answer = await running.post("/api/jobs/flow", body)
    assert (answer.status, bool(answer.body["error"])) == (status, True)
    assert await running.store.jobs() == []
    assert (await running.get("/api/jobs")).body == []


@parameters({**NO_JSON, "out of range": b'{"initial_data": {"n": 1e999}}'})
async def test_a_job_is_not_made_of_what_is_no_json(body: bytes) -> None:
    async with site(one_task()) as running:
        await refused(running, body, 400)


@parameters(NOT_TO_BE_KEPT)
async def test_a_job_is_not_made_of_what_cannot_be_kept(body: bytes) -> None:
    async with site(one_task()) as running:
        await refused(running, body, 422)


async def test_code_cannot_make_a_job_of_what_cannot_be_read_back() -> None:
    deep: Any = 1
    for _ in range(201):
        deep = [deep]
    async with site(one_task()) as running:
        with pytest.raises(InvalidJobData, match="nested 202 levels deep, 200 are the most"):
            await running.app.orchestrator.create_job("flow", {"deep": deep})
        assert await running.store.jobs() == []


def test_a_policy_has_as_many_bytes_as_it_may() -> None:
    policy = {"allowed_skills": ["echo", "sing"]}
    size = len(json.dumps(policy))
    _, options = job_request({"policy": policy}, OrchestratorSettings(max_policy=size))
    assert options.allowed_skills == ("echo", "sing")
    with pytest.raises(Problem, match=f"at least one, {size - 1} bytes at most"):
        job_request({"policy": policy}, OrchestratorSettings(max_policy=size - 1))


async def test_a_job_is_not_made_of_too_much() -> None:
    async with site(one_task(), http={"max_body": 1000}) as running:
        body = b'{"initial_data": {"n": "' + b"x" * 1000 + b'"}}'
        await refused(running, body, 413)
        assert "larger than 1000 bytes" in (await running.post("/api/jobs/flow", body)).body["error"]


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


OTHERS = {
    "resume": "/api/admin/jobs/JOB/resume",
    "decide": "/_public/webhooks/approval/JOB",
    "create": "/api/jobs/flow",
}
MEMBERS = {
    "resume": ("state", "state_history", "expected_version"),
    "decide": ("decision", "token", "data"),
    "create": ("initial_data", "dispatch_timeout", "result_timeout", "max_transitions", "metadata", "policy"),
}
TEXTS = ["5", "-1", "1e308", "1e999", "NaN", "true", "null", '""', '"x"', '"\\ud800"', "[]", "[5]", "{}", str(2**64)]
TEXTS += ["[" * 300 + "]" * 300, '{"a": NaN}', '{"a": ' + "9" * 5000 + "}"]


@pytest.mark.parametrize("what", OTHERS)
async def test_every_member_of_every_body_may_be_anything(what: str) -> None:
    """A clear 4xx or a job that can be read; nothing that is refused changes the job that waits."""
    headers = {"X-Client-Token": "client-secret", "X-Admin-Token": ADMIN_TOKEN, "Content-Type": "application/json"}
    async with site(one_task(), max_retries=0) as running:
        job_id, worker = await running.create({"n": 1}), Hand(running)
        await worker.fail(await worker.task(), "PERMANENT_ERROR")
        before = await running.ended(job_id)
        for name in MEMBERS[what]:
            for text in TEXTS:
                body = f'{{"{name}": {text}}}'.encode()
                answer = await running.call("POST", OTHERS[what].replace("JOB", job_id), headers=headers, data=body)
                if what == "resume" and answer.status == 200:
                    assert text in ("null", '""', "{}"), (name, text)
                    await worker.fail(await worker.task(), "PERMANENT_ERROR")
                    await running.ended(job_id)
                elif what == "create" and answer.status == 202:
                    shown = await running.get(f"/api/jobs/{answer.body['job_id']}")
                    assert shown.status == 200
                    await running.post(f"/api/jobs/{answer.body['job_id']}/cancel", b"")
                else:
                    assert 400 <= answer.status < 500, (name, text, answer.body)
                    assert answer.body["error"]
                    if what != "create":
                        assert (await running.ended(job_id)).status == before.status
        for body in NO_JSON.values():
            answer = await running.call("POST", OTHERS[what].replace("JOB", job_id), headers=headers, data=body)
            assert (answer.status, bool(answer.body["error"])) == (400, True)
        assert (await running.get("/api/jobs?limit=1000")).status == 200


@pytest.mark.parametrize(
    "query, words",
    [
        ("limit=-1", "limit must be a whole number from 0 to 1000"),
        ("limit=1001", "limit must be a whole number"),
        ("limit=1e2", "limit must be a whole number"),
        ("limit=%D9%A1", "limit must be a whole number"),
        ("limit=", "limit must be a whole number"),
        ("offset=99999999999999999999", "offset must be a whole number"),
        ("offset=" + "9" * 5000, "offset must be a whole number"),
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
        for job_id in ("nobody", "x" * 5000, "..."):
            for path in (f"/api/jobs/{job_id}", f"/api/jobs/{job_id}/history"):
                answer = await running.get(path)
                assert (answer.status, answer.body["error"]) == (404, "Job not found")
        for job_id in ("%00", "%ff", "..%2f.."):
            assert (await running.get(f"/api/jobs/{job_id}")).status == 400
        job_id = await running.create()
        answer = await running.get(f"/api/jobs/{job_id}?fields=status,secret")
        assert answer.status == 400
        assert "no member 'secret'; it has id, blueprint_name" in answer.body["error"]


async def test_of_a_job_the_wanted_members_are_shown_and_all_if_none_is_named() -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        whole = (await running.get(f"/api/jobs/{job_id}")).body
        assert (await running.get(f"/api/jobs/{job_id}?fields=id,,depth,")).body == {"id": job_id, "depth": 0}
        assert (await running.get(f"/api/jobs/{job_id}?fields=")).body.keys() == whole.keys()
