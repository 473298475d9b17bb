"""The end of the server: not ready, still accepting, no longer accepting, finishing, cancelling; and never for ever."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web as aiohttp_web

from framework import App
from fw_http import connections
from fw_http.facade import Http

Web = Callable[..., App]
PATIENCE = 20.0


async def bounded_stop(app: App) -> None:
    async with asyncio.timeout(PATIENCE):
        await app.stop()


async def no_longer_accepting(client: Any) -> None:
    """Wait until the drain has begun."""
    while True:
        try:
            _, writer = await asyncio.open_connection(*client.address)
        except ConnectionError:
            return
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


class Waiting:
    """A handler that says when it is entered, goes on when it is let, and knows whether it was cancelled."""

    def __init__(self, app: App, path: str = "/wait") -> None:
        self.entered, self.go_on, self.cancelled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        app.facade(Http).route(path)(self.handle)

    async def handle(self) -> str:
        self.entered.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return "done"


async def test_during_the_delay_it_is_not_ready_but_serves(web: Web, serve: Any) -> None:
    app = web(drain_delay=0.4)
    app.facade(Http).route("/hello")(lambda: "hello")
    client = await serve(app)
    assert (await client.answer("GET", "/health/ready"))[0] == 200
    stopping = asyncio.create_task(bounded_stop(app))
    while (await client.answer("GET", "/health/ready"))[0] == 200:
        assert not stopping.done()
    async with aiohttp.ClientSession(client.url) as another, another.get("/hello") as response:
        assert await response.json() == "hello"
    assert not stopping.done()
    assert (await client.answer("GET", "/health/live"))[0] == 200
    await stopping
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.answer("GET", "/hello")


async def test_answers_during_the_drain_are_the_last_on_their_connection(web: Web, serve: Any) -> None:
    app = web()
    waiting = Waiting(app)
    client = await serve(app)
    asking = asyncio.ensure_future(client.session.get("/wait"))
    await waiting.entered.wait()
    stopping = asyncio.create_task(bounded_stop(app))
    await no_longer_accepting(client)
    waiting.go_on.set()
    response = await asking
    assert (response.status, response.headers["Connection"]) == (200, "close")
    await stopping


async def test_a_body_that_is_coming_in_is_taken_whole(web: Web, serve: Any) -> None:
    app, entered = web(), asyncio.Event()

    @app.facade(Http).route("/take", methods=["POST"])
    async def take(request: aiohttp_web.Request) -> int:
        entered.set()
        return len(await request.read())

    client = await serve(app)
    reader, writer = await asyncio.open_connection(*client.address)
    writer.write(b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345")
    await entered.wait()
    stopping = asyncio.create_task(bounded_stop(app))
    await no_longer_accepting(client)
    writer.write(b"67890")
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n10")
    await stopping
    writer.close()
    await writer.wait_closed()


async def test_an_answer_that_has_begun_without_end_is_cut(web: Web, serve: Any) -> None:
    app, cancelled = web(drain_timeout=0.05), asyncio.Event()

    @app.facade(Http).route("/endless")
    async def endless(request: aiohttp_web.Request) -> aiohttp_web.StreamResponse:
        response = aiohttp_web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return response

    client = await serve(app)
    async with client.session.get("/endless") as response:
        assert await response.content.readexactly(5) == b"first"
        await bounded_stop(app)
        assert cancelled.is_set()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_websocket_is_cut(web: Web, serve: Any) -> None:
    app = web(drain_timeout=0.05)

    @app.facade(Http).route("/socket")
    async def talk(request: aiohttp_web.Request) -> aiohttp_web.WebSocketResponse:
        talking = aiohttp_web.WebSocketResponse()
        await talking.prepare(request)
        async for message in talking:
            await talking.send_str(message.data)
        return talking

    client = await serve(app)
    async with client.session.ws_connect("/socket") as talking:
        await talking.send_str("a")
        assert await talking.receive_str() == "a"
        await bounded_stop(app)


async def test_a_websocket_that_is_told_may_say_farewell(web: Web, serve: Any) -> None:
    app, told = web(drain_timeout=PATIENCE), asyncio.Event()
    app.on_stop(lambda event: told.set())

    @app.facade(Http).route("/socket")
    async def talk(request: aiohttp_web.Request) -> aiohttp_web.WebSocketResponse:
        talking = aiohttp_web.WebSocketResponse()
        await talking.prepare(request)
        await told.wait()
        await talking.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        return talking

    client = await serve(app)
    async with client.session.ws_connect("/socket") as talking:
        stopping = asyncio.create_task(bounded_stop(app))
        assert (await talking.receive()).type is aiohttp.WSMsgType.CLOSE
        assert talking.close_code == aiohttp.WSCloseCode.GOING_AWAY
        await stopping


async def test_a_client_that_does_not_read_is_cut(web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "GRACE", 0.05)
    app, entered = web(drain_timeout=0.05), asyncio.Event()

    @app.facade(Http).route("/large")
    async def large() -> str:
        entered.set()
        return "x" * 50_000_000

    client = await serve(app)
    _, writer = await asyncio.open_connection(*client.address, limit=1)
    writer.write(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await entered.wait()
    await bounded_stop(app)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_handler_that_ignores_its_cancelling_is_left_behind_and_told_of(
    web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "GRACE", 0.05)
    app, entered, go_on = web(drain_timeout=0.05), asyncio.Event(), asyncio.Event()

    @app.facade(Http).route("/stubborn")
    async def stubborn() -> str:
        entered.set()
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        return "at last"

    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/stubborn"))
    await entered.wait()
    await bounded_stop(app)
    assert "1 handlers ignore that they are cancelled" in caplog.text
    go_on.set()
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_a_stop_that_is_cancelled_cuts_at_once(web: Web, serve: Any) -> None:
    app = web(drain_timeout=3600.0)
    waiting = Waiting(app)
    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/wait"))
    await waiting.entered.wait()
    stopping = asyncio.create_task(app.stop())
    await no_longer_accepting(client)
    stopping.cancel()
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait([stopping])
        await waiting.cancelled.wait()
    with suppress(aiohttp.ClientError):
        assert (await asking)[0] == 503
    assert not app.is_ready


async def test_a_delay_that_is_cancelled_ends_at_once(web: Web) -> None:
    app, told = web(drain_delay=25.0), asyncio.Event()
    app.on_stop(lambda event: told.set())
    await app.start()
    await app.ready()
    stopping = asyncio.create_task(app.stop())
    await told.wait()
    await asyncio.sleep(0)  # the door hears of the stop after the application
    stopping.cancel()
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait([stopping])


@pytest.mark.needs("posix")
def test_a_second_signal_ends_the_process_whatever_is_open(tmp_path: Path) -> None:
    """K35"""
    (tmp_path / "shop.py").write_text(
        "import asyncio\n"
        "from framework import App\n"
        "app = App('shop', plugins=['http'], defaults={'http': {'port': 0, 'drain_timeout': 3600.0}})\n"
        "@app.http.route('/wait')\n"
        "async def wait():\n"
        "    print('entered', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "@app.on_ready\n"
        "async def told(event):\n"
        "    asyncio.get_running_loop().call_later(0, lambda: print(app.http.url, flush=True))\n"
        "@app.on_stop\n"
        "async def stopping(event):\n"
        "    print('stopping', flush=True)\n",
        "utf-8",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
    program = [sys.executable, "-m", "framework", "run", "shop:app"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(program, cwd=tmp_path, env=kept, **pipes) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        asking = [sys.executable, "-c", f"import urllib.request; urllib.request.urlopen('{url}/wait')"]
        with subprocess.Popen(asking, stderr=subprocess.DEVNULL) as client:
            assert process.stdout.readline() == "entered\n"
            process.send_signal(signal.SIGTERM)
            assert process.stdout.readline() == "stopping\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 130
            assert client.wait(PATIENCE) == 1
