"""Tasks that the orchestrator does not want any more."""

import asyncio
import threading
from collections.abc import Callable

from framework import App
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


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
