"""A message is its worker's own: what is signed is checked, and what public workers legitimately repeat is accepted."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from fw_orchestrator import MemoryStorage
from fw_rxon import is_signed, sign

from .orchestration import PATIENCE, WORKER_TOKEN, Answer, Clock, Hand, Site, one_task, site

REGISTER = ("POST", "/_worker/workers/register")
HEARTBEAT = ("PATCH", "/_worker/workers/w1")
RESULT = ("POST", "/_worker/tasks/result")
EVENT = ("POST", "/_worker/events")


def signed(message: dict[str, Any], key: str = WORKER_TOKEN, **security: Any) -> dict[str, Any]:
    """The message, now, with a signature over all but what is never signed."""
    message = {"timestamp": int(time.time()), **message}
    signature = sign(json.dumps(message).encode(), key, without=("bubbling_chain",))
    return {**message, "security": {"signature": signature, "signer_id": "w1", **security}}


async def send(running: Site, what: tuple[str, str], body: dict[str, Any], token: str = WORKER_TOKEN) -> Answer:
    worker = Hand(running)
    worker.headers["X-Worker-Token"] = token
    return await worker.send(*what, body)


async def test_a_signed_message_is_taken() -> None:
    async with site(one_task(), require_signatures=True) as running:
        job_id = await running.create()
        assert (await send(running, REGISTER, signed({"worker_id": "w1"}))).status == 200
        assert (await send(running, HEARTBEAT, signed({"status": "idle"}))).status == 200
        worker = Hand(running)
        task = await worker.task()
        event = signed(worker.event_body(task, {"progress": 0.5, "message": "ключ"}))
        event["bubbling_chain"] = ["an orchestrator on the way"]
        assert (await send(running, EVENT, event)).status == 200
        ids = {"job_id": job_id, "task_id": task["task_id"]}
        assert (await send(running, RESULT, signed({**ids, "data": {"n": 1.5}}))).body == {"status": "accepted"}
        assert (await running.ended(job_id)).result == {"n": 1.5}


async def test_a_message_alone_may_say_who_signed_it() -> None:
    async with site(one_task(), require_signatures=True) as running:
        body = json.dumps(signed({"worker_id": "w1"})).encode()
        headers = {"X-Worker-Token": WORKER_TOKEN}
        assert (await running.call(*REGISTER, headers=headers, data=body)).status == 200


async def test_a_forged_message_changes_nothing() -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        worker = Hand(running)
        await worker.register()
        task = await worker.task()
        ids = {"job_id": job_id, "task_id": task["task_id"]}
        forged = {**signed({**ids, "data": {"n": 1}}), "data": {"n": 2}}
        for what, body in (
            (RESULT, forged),
            (RESULT, signed(ids, key="another key")),
            (REGISTER, {**signed({"worker_id": "w1"}), "worker_type": "forged"}),
            (HEARTBEAT, {**signed({"status": "idle"}), "status": "offline"}),
            (EVENT, {**signed(worker.event_body(task, {})), "payload": {"progress": 1}}),
        ):
            refused = await send(running, what, body)
            assert (refused.status, refused.body["error"]) == (403, "Invalid cryptographic signature")
        [shown] = (await running.get("/api/workers")).body
        assert (shown["status"], shown.get("worker_type", "generic")) == ("idle", "generic")
        assert (await running.store.task(task["task_id"])).status == "running"  # type: ignore[union-attr]


@pytest.mark.parametrize("signature", ["", "x", 5, [], {}, "ключ", True])
async def test_what_is_no_signature_is_none(signature: Any) -> None:
    async with site(one_task()) as running:
        body = {"worker_id": "w1", "timestamp": int(time.time()), "security": {"signature": signature}}
        assert (await send(running, REGISTER, body)).status == 403


async def test_the_signer_is_the_worker_itself() -> None:
    async with site(one_task()) as running:
        refused = await send(running, REGISTER, signed({"worker_id": "w1"}, signer_id="w2"))
        assert (refused.status, refused.body["error"]) == (403, "The signer is another worker")
        assert (await send(running, REGISTER, signed({"worker_id": "w1"}, signer_id=None))).status == 200


async def test_signatures_may_be_required() -> None:
    async with site(one_task(), require_signatures=True) as running:
        unsigned: list[dict[str, Any]] = [{}, {"security": {}}, {"security": {"signer_id": "w1"}}]
        for members in unsigned:
            refused = await send(running, REGISTER, {"worker_id": "w1", **members})
            assert (refused.status, refused.body["error"]) == (403, "Missing required security context")
        assert (await send(running, HEARTBEAT, {})).status == 403
        assert await running.store.workers() == []


@pytest.mark.parametrize("seconds", [-61, 61])
async def test_a_message_of_another_time_is_refused(seconds: int) -> None:
    async with site(one_task()) as running:
        worker = Hand(running)
        await running.create()
        await worker.register()
        task = await worker.task()
        old = {"timestamp": int(time.time()) + seconds}
        event = worker.event_body(task, {"progress": 1})
        for what, body in ((REGISTER, {"worker_id": "w1"}), (HEARTBEAT, {}), (EVENT, event)):
            refused = await send(running, what, signed({**body, **old}))
            assert (refused.status, refused.body["error"]) == (403, "Message timestamp expired (replay protection)")
        refused = await send(running, HEARTBEAT, signed({"timestamp": None}))
        assert (refused.status, refused.body["error"]) == (
            403,
            "Missing required timestamp for replay protection",
        )


async def test_a_result_may_be_of_any_age_and_is_answered_alike_each_time() -> None:
    """Public workers send the same bytes again after an outage; the job must not lose its result for that."""
    async with site(one_task()) as running:
        job_id = await running.create()
        task = await Hand(running).task()
        body = signed({"job_id": job_id, "task_id": task["task_id"], "timestamp": int(time.time()) - 3600})
        for _ in range(3):
            assert (await send(running, RESULT, body)).body == {"status": "accepted"}
        assert (await running.ended(job_id)).status == "finished"


async def test_equal_heartbeats_within_a_second_are_both_taken() -> None:
    async with site(one_task()) as running:
        await Hand(running).register()
        body = signed({"status": "idle"})
        assert [(await send(running, HEARTBEAT, body)).status for _ in range(2)] == [200, 200]


async def test_a_worker_signs_with_any_token_that_it_has() -> None:
    """Those with TLS change over to the access token, in the header and in signatures; others in the header only."""
    async with site(one_task()) as running:
        headers = {"X-Worker-Token": WORKER_TOKEN, "X-Worker-ID": "w1"}
        access = (await running.call("POST", "/_worker/auth/token", headers=headers)).body["access_token"]
        await Hand(running).register()
        for shown in (WORKER_TOKEN, access):
            for key in (WORKER_TOKEN, access):
                assert (await send(running, HEARTBEAT, signed({"status": "idle"}, key=key), token=shown)).status == 200


async def test_an_access_token_signs_to_its_last_second_and_not_longer() -> None:
    async with site(one_task()) as running:
        clock = Clock(running)
        headers = {"X-Worker-Token": WORKER_TOKEN, "X-Worker-ID": "w1"}
        pair = (await running.call("POST", "/_worker/auth/token", headers=headers)).body

        async def beat() -> int:
            await Hand(running).register()
            message = signed({"status": "idle", "timestamp": int(clock.now)}, key=pair["access_token"])
            return (await send(running, HEARTBEAT, message)).status

        assert await beat() == 200
        clock.now += pair["expires_in"] - 1
        assert await beat() == 200
        clock.now += 1
        assert await beat() == 403


async def test_tasks_are_signed_if_there_is_a_key() -> None:
    async with site(one_task(), secret_key="key") as running:
        await running.create({"n": 2.0, "none": None, "text": "ключ"})
        worker = Hand(running)
        task = await worker.task()
        body = json.dumps(task).encode()
        assert is_signed(body, task["sig"], ["key"], without=("sig",))
        assert not is_signed(json.dumps({**task, "params": {}}).encode(), task["sig"], ["key"], without=("sig",))
    async with site(one_task()) as running:
        await running.create()
        assert "sig" not in await Hand(running).task()


async def test_events_of_a_socket_are_checked_as_well(caplog: pytest.LogCaptureFixture) -> None:
    async with site(one_task(), require_signatures=True) as running:
        job_id = await running.create()
        worker = Hand(running)
        await send(running, REGISTER, signed({"worker_id": "w1"}))
        task = await worker.task()
        async with running.session.ws_connect(
            f"{running.app.http.url}/_worker/ws/w1", headers=worker.headers
        ) as socket:
            right = signed(worker.event_body(task, {"progress": 0.5})) | {"bubbling_chain": ["somebody"]}
            for body in ({**right, "payload": {"progress": 0.9}}, worker.event_body(task, {"progress": 0.8}), right):
                await socket.send_json(body)
            async with asyncio.timeout(PATIENCE):
                while job_id not in running.engine.progress:  # noqa: ASYNC110 - nothing announces progress
                    await asyncio.sleep(0.002)
        assert running.engine.progress[job_id].percent == 50
        assert "Invalid cryptographic signature" in caplog.text
        assert "Missing required security context" in caplog.text


REPLAYED = "Duplicate message detected (replay attack)"


async def test_a_signed_registration_is_taken_once_by_all_engines_on_a_store() -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store) as running, site(one_task(), store=store) as other:
        body = signed({"worker_id": "w1", "worker_type": "first"})
        assert (await send(running, REGISTER, body)).status == 200
        assert (await send(running, REGISTER, signed({"worker_id": "w1", "worker_type": "second"}))).status == 200
        for one in (running, other):
            refused = await send(one, REGISTER, body)
            assert (refused.status, refused.body["error"]) == (403, REPLAYED)
        [shown] = (await running.get("/api/workers")).body
        assert shown["worker_type"] == "second"


async def test_a_signed_event_is_taken_once_whatever_way_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        first, second = (signed(worker.event_body(task, {"progress": number})) for number in (0.25, 0.75))
        assert [(await send(running, EVENT, body)).status for body in (first, second)] == [200, 200]
        refused = await send(running, EVENT, {**first, "bubbling_chain": ["somebody"]})
        assert (refused.status, refused.body["error"]) == (403, REPLAYED)
        url = f"{running.app.http.url}/_worker/ws/w1"
        async with running.session.ws_connect(url, headers=worker.headers) as socket:
            await socket.send_json(first)
            await socket.send_json(signed(worker.event_body(task, {"progress": 0.76})))
            async with asyncio.timeout(PATIENCE):
                while running.engine.progress[job_id].percent != 76:
                    assert running.engine.progress[job_id].percent == 75
                    await asyncio.sleep(0.002)
        assert caplog.text.count(f"worker w1 sent no event: {REPLAYED}") == 1


async def test_a_refused_message_may_come_again_signed_rightly() -> None:
    """Only what passed every check counts as seen."""
    async with site(one_task()) as running:
        body = signed({"worker_id": "w1"})
        assert (await send(running, REGISTER, body, token="wrong")).status == 403
        assert (await send(running, REGISTER, {**body, "worker_type": "forged"})).status == 403
        assert (await send(running, REGISTER, body)).status == 200


async def test_a_replay_is_refused_as_long_as_its_time_would_let_it_pass() -> None:
    async with site(one_task()) as running:
        clock = Clock(running)
        body = signed({"worker_id": "w1", "timestamp": int(clock.now) + 60})
        assert (await send(running, REGISTER, body)).status == 200
        for seconds, words in ((60, REPLAYED), (60, REPLAYED), (1, "Message timestamp expired (replay protection)")):
            clock.now += seconds
            refused = await send(running, REGISTER, body)
            assert (refused.status, refused.body["error"]) == (403, words)
