"""The orchestrator, or the way to it, fails; the worker goes on and loses nothing."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from aiohttp import web

from framework import App

from .fake_orchestrator import PATIENCE, FakeOrchestrator, error

MakeApp = Callable[..., App]


async def said(start: str) -> None:
    """Wait until the worker logs a message that begins so."""
    heard = asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith(start):
                heard.set()

    log = logging.getLogger("fw.worker")
    listener = Listener()
    log.addHandler(listener)
    try:
        await asyncio.wait_for(heard.wait(), PATIENCE)
    finally:
        log.removeHandler(listener)


async def test_orchestrator_that_is_absent_at_the_start_is_found_when_it_appears(
    orchestrator: FakeOrchestrator, echoing: App, caplog: pytest.LogCaptureFixture
) -> None:
    await orchestrator.close()
    async with echoing:
        await said("registering")
        await orchestrator.open()
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    complaints = [record for record in caplog.records if record.getMessage().startswith("registering")]
    assert len(complaints) == 1, "the same failure is logged once"
    assert "FW_WORKER__URL" in complaints[0].getMessage()


async def test_wrong_token_is_an_error_naming_the_setting_and_registering_goes_on(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(token="wrong-and-secret")
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.count("register", 3)
    (complaint,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "403" in complaint.getMessage()
    assert "FW_WORKER__TOKEN" in complaint.getMessage()
    assert "wrong-and-secret" not in caplog.text
    assert orchestrator.heard["poll"] == []


@pytest.mark.parametrize("endpoint", ["register", "heartbeat", "poll"])
@pytest.mark.parametrize("status", [500, 503, 429])
async def test_refusal_of_anything_but_a_result_is_survived(
    orchestrator: FakeOrchestrator, echoing: App, endpoint: str, status: int
) -> None:
    orchestrator.refuse(endpoint, *(error(status, Retry_After="0") for _ in range(2)))
    async with echoing:
        await orchestrator.count(endpoint, 3)
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")


@pytest.mark.parametrize("endpoint", ["register", "heartbeat", "poll"])
async def test_connection_cut_in_the_middle_is_survived(
    orchestrator: FakeOrchestrator, echoing: App, endpoint: str
) -> None:
    orchestrator.refuse(endpoint, ConnectionResetError(), ConnectionResetError())
    async with echoing:
        await orchestrator.count(endpoint, 3)
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")


@pytest.mark.parametrize("endpoint", ["register", "heartbeat", "result"])
@pytest.mark.parametrize("body", [b"[1]", b"<html>", b'{"status": 1}'])
async def test_answer_that_is_none_of_an_orchestrator_is_survived(
    orchestrator: FakeOrchestrator, echoing: App, endpoint: str, body: bytes
) -> None:
    orchestrator.refuse(endpoint, *(web.Response(body=body) for _ in range(2)))
    async with echoing:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count(endpoint, 3)
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")


@pytest.mark.parametrize("endpoint", ["heartbeat", "poll"])
@pytest.mark.parametrize("status,text", [(404, "Worker not found"), (401, "expired")])
async def test_worker_that_is_forgotten_registers_again(
    orchestrator: FakeOrchestrator, echoing: App, endpoint: str, status: int, text: str
) -> None:
    async with echoing:
        await orchestrator.count("register", 1)
        orchestrator.refuse(endpoint, error(status, text))
        # The poll that waits already is answered; the next one is refused.
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("register", 2)
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")


async def test_task_without_readable_ids_is_logged_and_polling_goes_on(
    orchestrator: FakeOrchestrator, echoing: App, caplog: pytest.LogCaptureFixture
) -> None:
    async with echoing:
        await orchestrator.give_raw(b'{"job_id": ', b'{"type": "echo"}', b"[]")
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert caplog.text.count("the task message is malformed") == 3
    assert "$.job_id" in caplog.text
    assert len(orchestrator.heard["result"]) == 1


async def test_poll_answered_at_once_with_nothing_is_asked_again(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(poll_timeout=0.1)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("poll", web.Response(status=204), web.json_response(None), web.Response(status=200))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert caplog.text == "", "nothing is no malformed task"


@pytest.mark.parametrize(
    "status, body, retry_first",
    [(200, b"", 1.0), (200, b'{"type": "echo"}', 1.0), (503, b"", 1.0), (503, b"3600", 0.01)],
    ids=["nothing", "a malformed task", "an error", "an error that says how long"],
)
async def test_an_orchestrator_that_answers_polls_at_once_is_not_asked_without_pause(
    orchestrator: FakeOrchestrator, make_app: MakeApp, status: int, body: bytes, retry_first: float
) -> None:
    app = make_app(retry_first=retry_first, retry_most=retry_first)
    app.worker.skill("echo")(lambda: None)
    headers = {"Retry-After": body.decode()} if body.isdigit() else {}
    orchestrator.refuse("poll", *(web.Response(status=status, body=body, headers=headers) for _ in range(10_000)))
    async with app:
        await orchestrator.count("poll", 1)
        await orchestrator.count("heartbeat", 5)
    assert len(orchestrator.heard["poll"]) < 10


async def test_malformed_task_with_readable_ids_is_reported_to_the_orchestrator(
    orchestrator: FakeOrchestrator, echoing: App
) -> None:
    async with echoing:
        await orchestrator.give_raw(b'{"job_id":"j","task_id":"task-1","type":"echo","deadline":1795295014.5}')
        result = await orchestrator.result("task-1")
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert (result["job_id"], result["status"]) == ("j", "failure")
    assert result["error"]["code"] == "CONTRACT_VIOLATION_ERROR"
    assert "$.deadline" in result["error"]["message"]


async def test_full_sync_is_answered_with_the_catalogue_once(orchestrator: FakeOrchestrator, echoing: App) -> None:
    async with echoing:
        await orchestrator.count("heartbeat", 1)
        orchestrator.full_sync = True
        await orchestrator.until(lambda: any("supported_skills" in beat for beat in orchestrator.heard["heartbeat"]))
        heard = len(orchestrator.heard["heartbeat"])
        await orchestrator.count("heartbeat", heard + 1)
    full = [beat for beat in orchestrator.heard["heartbeat"] if beat.get("supported_skills")]
    assert [skill["name"] for skill in full[0]["supported_skills"]] == ["echo"]
    assert len(full) == 1
