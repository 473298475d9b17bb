"""Results that cannot be handed in at once."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from framework import App

from .fake_orchestrator import PATIENCE, FakeOrchestrator, error

MakeApp = Callable[..., App]


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


async def test_result_refused_for_good_is_replaced_by_a_failure_that_says_so(
    orchestrator: FakeOrchestrator, echoing: App, caplog: pytest.LogCaptureFixture
) -> None:
    orchestrator.refuse("result", error(413, "the body is too large"))
    async with echoing:
        await orchestrator.give("task-1", "echo")
        first, second = await orchestrator.count("result", 2)
    assert first["task_id"] == second["task_id"] == "task-1"
    assert first.get("status", "success") == "success"
    assert second["status"] == "failure"
    assert second["error"]["code"] == "CONTRACT_VIOLATION_ERROR"
    assert "the body is too large" in second["error"]["message"]
    assert "the result of task task-1 (job job-of-task-1) is dropped" in caplog.text


async def test_failure_refused_for_good_is_dropped(orchestrator: FakeOrchestrator, echoing: App) -> None:
    orchestrator.refuse("result", error(413), error(400, "no such job"))
    async with echoing:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 2)
        await orchestrator.give("task-2", "echo")
        await orchestrator.result("task-2")
    assert [found["task_id"] for found in orchestrator.heard["result"]] == ["task-1", "task-1", "task-2"]


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
