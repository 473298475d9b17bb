"""The orchestrator, or the way to it, fails; the worker goes on and loses nothing."""

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest
from aiohttp import web

from framework import App
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import PATIENCE, FakeOrchestrator, error

MakeApp = Callable[..., App]


@pytest.fixture
def echoing(make_app: MakeApp) -> App:
    """A worker with one skill that does nothing."""
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    return app


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


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(lambda: error(500), id="500"),
        pytest.param(ConnectionResetError, id="cut"),
        pytest.param(lambda: error(429, Retry_After="0"), id="429"),
        pytest.param(lambda: error(404, "Worker not found"), id="404"),
        pytest.param(lambda: web.Response(text="<html>", content_type="text/html"), id="not-ours"),
    ],
)
async def test_result_is_sent_again_with_the_same_bytes_until_it_is_taken(
    orchestrator: FakeOrchestrator, echoing: App, failure: Callable[[], web.Response | Exception]
) -> None:
    orchestrator.refuse("result", failure(), failure(), failure())
    async with echoing:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 4)
        # Taken: another task's result is the next thing heard.
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert len(orchestrator.raw_results) == 5
    assert len(set(orchestrator.raw_results[:4])) == 1


async def test_worker_that_learns_from_a_result_that_it_is_forgotten_registers_again(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(heartbeat_interval=600.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", error(404, "Worker not found"))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("register", 2)
        await orchestrator.count("result", 2)


async def test_result_refused_for_good_is_dropped_with_the_reason(
    orchestrator: FakeOrchestrator, echoing: App, caplog: pytest.LogCaptureFixture
) -> None:
    orchestrator.refuse("result", error(400, "no such job"))
    async with echoing:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert [found["task_id"] for found in orchestrator.heard["result"]] == ["task-1", "task-2"]
    assert "the result of task task-1 (job job-of-task-1) is dropped" in caplog.text
    assert "no such job" in caplog.text


async def test_result_is_given_up_after_the_retries_that_are_set(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(result_retries=2)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", *(error(500) for _ in range(3)))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 3)
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert len(orchestrator.heard["result"]) == 4
    assert "worker.result_retries (2) are used up" in caplog.text


async def test_no_more_work_is_taken_while_results_cannot_be_handed_in(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(concurrency=1, retry_first=600.0, retry_most=600.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", error(500), error(500))
    async with app:
        for number in range(4):
            await orchestrator.give(f"task-{number}", "echo")
        await orchestrator.count("result", 2)
        heard = len(orchestrator.heard["heartbeat"])
        await orchestrator.count("heartbeat", heard + 2)
        assert len(orchestrator.tasks) == 2
    assert [found["task_id"] for found in orchestrator.heard["result"][2:]] == ["task-0", "task-1"]


async def test_ignored_result_counts_as_delivered(orchestrator: FakeOrchestrator, echoing: App) -> None:
    orchestrator.refuse("result", web.json_response({"status": "ignored", "reason": "job_cancelled"}))
    async with echoing:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert len(orchestrator.heard["result"]) == 2


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
    assert caplog.text.count("sent a malformed task") == 3
    assert "$.job_id" in caplog.text
    assert len(orchestrator.heard["result"]) == 1


async def test_poll_answered_at_once_with_nothing_is_asked_again(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(poll_timeout=0.1)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("poll", web.Response(status=204), web.json_response(None), web.Response(status=200))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")


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


async def test_cancelled_async_task_is_interrupted(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()
    started = asyncio.Event()

    @app.facade(WorkerFacade).skill("wait")
    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    async with app:
        await orchestrator.give("task-1", "wait")
        await started.wait()
        orchestrator.cancel = ["task-1", "unknown"]
        result = await orchestrator.result("task-1")
    assert result["status"] == "cancelled"
    assert "error" not in result


async def test_cancelled_task_in_a_thread_is_told_and_obeys(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()
    started = threading.Event()

    @app.facade(WorkerFacade).skill("wait")
    def wait(context: TaskContext) -> None:
        started.set()
        context.cancelled.wait(10)

    async with app:
        await orchestrator.give("task-1", "wait")
        await asyncio.to_thread(started.wait, 10)
        orchestrator.cancel = ["task-1"]
        result = await orchestrator.result("task-1")
    assert result["status"] == "cancelled"


async def test_task_that_ends_with_a_result_although_cancelled_hands_it_in(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    started = threading.Event()

    @app.facade(WorkerFacade).skill("finish")
    def finish(context: TaskContext) -> dict[str, bool]:
        started.set()
        context.cancelled.wait(10)
        return {"done": True}

    async with app:
        await orchestrator.give("task-1", "finish")
        await asyncio.to_thread(started.wait, 10)
        orchestrator.cancel = ["task-1"]
        result = await orchestrator.result("task-1")
    assert result["data"] == {"done": True}


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


async def test_result_on_its_way_still_counts_as_current(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app(retry_first=600.0, retry_most=600.0, drain_timeout=600.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", error(500))
    async with asyncio.timeout(PATIENCE), app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 1)
        heard = len(orchestrator.heard["heartbeat"])
        await orchestrator.count("heartbeat", heard + 2)
        assert orchestrator.heard["heartbeat"][-1]["current_tasks"] == ["task-1"]
    # The stop cuts the pause short and tries at once.
    assert len(orchestrator.heard["result"]) == 2
