"""A stop loses no result."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

import pytest

from framework import App
from framework.config import AppSettings
from fw_worker import TaskContext
from fw_worker.config import WorkerSettings
from fw_worker.facade import WorkerFacade
from fw_worker.runner import Runner

from .fake_orchestrator import PATIENCE, FakeOrchestrator, error, statuses

MakeApp = Callable[..., App]


async def test_stop_ends_the_waiting_poll_and_says_farewell_last(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.until(lambda: orchestrator.open_polls == 1)
    farewell = orchestrator.heard["heartbeat"][-1]
    assert (farewell["status"], farewell["supported_skills"]) == ("offline", [])
    assert statuses(orchestrator.heard["heartbeat"]).count("offline") == 1
    assert "draining" not in statuses(orchestrator.heard["heartbeat"])


async def test_running_tasks_are_finished_and_handed_in(
    orchestrator: FakeOrchestrator, make_app: MakeApp, gate: threading.Event
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("wait")
    def wait() -> dict[str, bool]:
        return {"opened": gate.wait(10)}

    async with app:
        for number in range(3):
            await orchestrator.give(f"task-{number}", "wait")
        await orchestrator.count("poll", 4)
        stopping = asyncio.create_task(app.stop())
        await orchestrator.until(lambda: "draining" in statuses(orchestrator.heard["heartbeat"]))
        polls = len(orchestrator.heard["poll"])
        gate.set()
        await stopping
    assert {found["task_id"] for found in orchestrator.heard["result"]} == {"task-0", "task-1", "task-2"}
    assert all(found["data"] == {"opened": True} for found in orchestrator.heard["result"])
    assert len(orchestrator.heard["poll"]) == polls
    assert orchestrator.heard["heartbeat"][-1]["status"] == "offline"


async def test_result_that_could_not_be_handed_in_yet_is_handed_in_during_the_stop(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", *(error(500) for _ in range(6)))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 1)
    assert len(orchestrator.heard["result"]) == 7


async def test_async_task_that_does_not_end_in_time_is_interrupted_and_left_to_others(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(drain_timeout=0.05)
    started = asyncio.Event()

    @app.facade(WorkerFacade).skill("wait")
    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    async with app:
        await orchestrator.give("task-1", "wait")
        await started.wait()
    (result,) = orchestrator.heard["result"]
    assert (result["status"], result["error"]["code"]) == ("failure", "TRANSIENT_ERROR")
    assert "the worker had to stop" in result["error"]["message"]


async def test_thread_that_does_not_end_in_time_is_told_and_reported(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(drain_timeout=0.05)
    started = threading.Event()
    told = threading.Event()

    @app.facade(WorkerFacade).skill("wait")
    def wait(context: TaskContext) -> None:
        started.set()
        if context.cancelled.wait(10):
            told.set()

    async with app:
        await orchestrator.give("task-1", "wait")
        await asyncio.to_thread(started.wait, 10)
    assert told.is_set()
    (result,) = orchestrator.heard["result"]
    assert result["error"]["code"] == "TRANSIENT_ERROR"


async def test_thread_that_does_not_listen_does_not_hold_up_the_stop(
    orchestrator: FakeOrchestrator,
    make_app: MakeApp,
    gate: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app(drain_timeout=0.05, cancel_timeout=0.05)
    started = threading.Event()

    @app.facade(WorkerFacade).skill("deaf")
    def deaf() -> None:
        started.set()
        gate.wait(10)

    async with app:
        await orchestrator.give("task-1", "deaf")
        await asyncio.to_thread(started.wait, 10)
    assert not gate.is_set()
    (result,) = orchestrator.heard["result"]
    assert result["error"]["code"] == "TRANSIENT_ERROR"
    assert "skill 'deaf' did not stop within 0.05 s" in caplog.text


async def test_stop_while_the_orchestrator_is_gone_ends_and_names_the_lost_result(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(drain_timeout=0.2)
    started = asyncio.Event()
    go_on = asyncio.Event()

    @app.facade(WorkerFacade).skill("wait")
    async def wait() -> None:
        started.set()
        await go_on.wait()

    async with app:
        await orchestrator.give("task-1", "wait")
        await started.wait()
        await orchestrator.close()
        go_on.set()
    assert "the result of task task-1 (job job-of-task-1) is dropped: the worker stops" in caplog.text


async def test_a_result_that_cannot_be_handed_in_during_the_stop_is_not_sent_without_pause(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(drain_timeout=0.2, retry_first=0.05)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("result", *(error(503) for _ in range(10_000)))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.count("result", 1)
    assert 2 <= len(orchestrator.heard["result"]) < 15


async def test_stop_before_any_registration_ends_without_farewell(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(retry_first=60.0, retry_most=60.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("register", error(503))
    async with app:
        await orchestrator.count("register", 1)
    assert orchestrator.heard["heartbeat"] == []


@pytest.mark.parametrize("endpoint", ["poll", "heartbeat", "register"])
async def test_stop_cuts_every_pause_short(orchestrator: FakeOrchestrator, make_app: MakeApp, endpoint: str) -> None:
    app = make_app(retry_first=600.0, retry_most=600.0, heartbeat_interval=600.0, drain_timeout=600.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse(endpoint, error(503, Retry_After="600"))
    async with asyncio.timeout(PATIENCE), app:
        await orchestrator.count(endpoint, 1)


async def test_worker_lives_again_after_a_stop(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    for number in range(3):
        async with app:
            await orchestrator.give(f"task-{number}", "echo")
            await orchestrator.result(f"task-{number}")
    assert len(orchestrator.heard["register"]) == 3
    assert [thread for thread in threading.enumerate() if thread.name.startswith("skill")] == []
    assert asyncio.all_tasks() == {asyncio.current_task()} | _fakes_own()


def _fakes_own() -> set[asyncio.Task[object]]:
    """What runs on behalf of the server in this process."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" in repr(task.get_coro())}


def test_by_default_a_stop_has_time_for_all_that_a_worker_does_in_it() -> None:
    settings = WorkerSettings()
    assert settings.drain_timeout + settings.cancel_timeout < AppSettings().stop_timeout


async def test_a_stop_that_will_be_cut_off_is_told_at_the_start(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(drain_timeout=40.0)
    app.worker.skill("echo")(lambda: None)
    async with app:
        (line,) = [line for line in caplog.messages if "stop_timeout" in line]
    assert "worker.drain_timeout + worker.cancel_timeout = 42 s" in line
    assert "cut off after 30 s" in line


async def test_a_worker_that_breaks_down_asks_its_application_to_stop(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(_: Runner) -> None:
        raise LookupError("a fault of ours")

    app, asked = make_app(), asyncio.Event()
    monkeypatch.setattr(Runner, "run", run)
    monkeypatch.setattr(app, "request_stop", lambda reason: asked.set())
    app.worker.skill("echo")(lambda: None)
    await app.start()
    await app.ready()
    try:
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
    finally:
        with contextlib.suppress(Exception):
            await app.stop()
    assert "the worker broke down" in caplog.text
    assert "a fault of ours" in caplog.text
