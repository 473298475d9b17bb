"""Orders that come through the WebSocket, besides the protocol's own."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, Depends, StartupError
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import PATIENCE, FakeOrchestrator

MakeApp = Callable[..., App]


@dataclass
class Shelf:
    """Something the application has."""

    books: int = 0


async def test_a_command_is_obeyed_with_its_params_and_what_the_container_has(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(websocket=True)
    app.provide(Shelf, Shelf)
    obeyed: asyncio.Queue[tuple[str, int, bool]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    @app.facade(WorkerFacade).command("load")
    async def load(model: str, size: int = 1, shelf: Shelf = Depends()) -> None:
        shelf.books += size
        obeyed.put_nowait((model, shelf.books, threading.current_thread() is threading.main_thread()))

    @app.facade(WorkerFacade).command("unload")
    def unload(model: str, shelf: Shelf = Depends()) -> None:
        mine = threading.current_thread() is threading.main_thread()
        loop.call_soon_threadsafe(obeyed.put_nowait, (model, shelf.books, mine))

    app.worker.skill("echo")(lambda: None)
    async with app, asyncio.timeout(PATIENCE):
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        await orchestrator.sockets[0].send_json({"command": "load", "params": {"model": "m1", "size": 3}})
        assert await obeyed.get() == ("m1", 3, True)
        await orchestrator.sockets[0].send_json({"command": "unload", "params": {"model": "m2"}})
        assert await obeyed.get() == ("m2", 3, False)


async def test_a_command_that_fails_is_logged_and_the_next_one_is_obeyed(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(websocket=True)
    done = asyncio.Event()

    @app.facade(WorkerFacade).command("do")
    async def do(number: int) -> None:
        if number == 0:
            raise RuntimeError("no luck")
        if number == 1:
            raise SystemExit(3)
        done.set()

    app.worker.skill("echo")(lambda: None)
    async with app, asyncio.timeout(PATIENCE):
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        for params in ({"number": 0}, {"number": 1}, {"number": "x"}, {}, {"number": 2}):
            await orchestrator.sockets[0].send_json({"command": "do", "params": params})
        await done.wait()
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert caplog.text.count("command do failed") == 2
    assert "no luck" in caplog.text
    assert caplog.text.count("command do cannot be obeyed: parameter 'number'") == 2


async def test_a_command_that_goes_on_is_ended_by_the_stop(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app(websocket=True)
    begun, ended = asyncio.Event(), asyncio.Event()

    @app.facade(WorkerFacade).command("watch")
    async def watch() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    app.worker.skill("echo")(lambda: None)
    async with asyncio.timeout(PATIENCE):
        async with app:
            await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
            await orchestrator.sockets[0].send_json({"command": "watch"})
            await begun.wait()
        assert ended.is_set()


def with_context(context: TaskContext) -> None: ...


@pytest.mark.parametrize(
    "name,function,words",
    [
        ("cancel_task", lambda: None, "there already"),
        ("twice", lambda: None, "there already"),
        ("a b", lambda: None, "name is not allowed"),
        ("context", with_context, "has no TaskContext"),
    ],
)
async def test_a_command_that_cannot_work_is_said_at_the_start(
    make_app: MakeApp, name: str, function: Callable[..., None], words: str
) -> None:
    app = make_app(websocket=True)
    app.worker.skill("echo")(lambda: None)
    app.worker.command("twice")(lambda: None)
    app.worker.command(name)(function)
    with pytest.raises(StartupError, match=words):
        await app.start()


async def test_an_order_that_is_malformed_or_not_known_is_logged_and_the_next_one_is_obeyed(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(websocket=True)
    done = asyncio.Event()

    @app.facade(WorkerFacade).command("do")
    async def do() -> None:
        done.set()

    app.worker.skill("echo")(lambda: None)
    async with app, asyncio.timeout(PATIENCE):
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        orders: list[Any] = [[], {"command": "dance"}, {"command": "cancel_task"}, {"command": "do"}]
        for order in orders:
            await orchestrator.sockets[0].send_json(order)
        await done.wait()
    assert "sent a malformed order" in caplog.text
    assert "orders 'dance', which is not known here" in caplog.text
    assert "orders 'cancel_task', which is not known here" in caplog.text
    assert len(orchestrator.sockets) == 1
