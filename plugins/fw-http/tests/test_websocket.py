"""Conversations: typed messages, limits, and how they end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from framework import App, Depends, StartupError
from fw_http import Closed, Problem, WebSocket
from fw_http.facade import Http

Web = Callable[..., App]


@dataclass
class Said:
    text: str


@dataclass
class Heard:
    text: str
    room: str


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ended = asyncio.Event()


@pytest.fixture
def app(web: Web) -> App:
    app = web(max_message=1000)
    app.provide(Log, Log)

    @app.facade(Http).websocket("/rooms/{room}")
    async def talk(socket: WebSocket[Said, Heard], room: str, loud: bool = False, log: Log = Depends()) -> None:
        async for said in socket:
            log.lines.append(said.text)
            if said.text == "fail":
                raise RuntimeError("hunter2")
            if said.text == "bye":
                return
            await socket.send(Heard(said.text.upper() if loud else said.text, room))
        log.lines.append("ended")
        log.ended.set()

    return app


async def test_messages_are_what_their_types_say(app: App) -> None:
    async with app.test_client() as client, client.websocket("/rooms/hall?loud=yes") as socket:
        await socket.send_json({"text": "hello"})
        assert await socket.receive_json() == {"text": "HELLO", "room": "hall"}
        await socket.send_bytes(b'{"text": "again"}')
        assert await socket.receive_json() == {"text": "AGAIN", "room": "hall"}
        await socket.close()
        async with asyncio.timeout(10):
            await app.container.get(Log).ended.wait()


async def test_what_is_wrong_with_the_handshake_is_a_problem(app: App, serve: Any) -> None:
    client = await serve(app)
    status, detail = await client.problem("GET", "/rooms/hall?loud=perhaps")
    assert (status, detail) == (422, "The request is not valid: query loud must be true or false.")
    status, detail = await client.problem("GET", "/rooms/hall")
    assert status == 400


@pytest.mark.parametrize(
    "sent,code,reason",
    [
        ('{"text": 1}', 1007, "text must be a string"),
        ("{", 1007, "The body is not valid JSON at line 1, column 2"),
        ("NaN", 1007, "NaN is no JSON value"),
        ('{"text": "' + "x" * 1000 + '"}', 1009, ""),
        ('{"text": "bye"}', 1000, ""),
        ('{"text": "fail"}', 1011, "The server failed; its log says why."),
    ],
    ids=["type", "syntax", "NaN", "size", "return", "error"],
)
async def test_the_code_says_why_it_ended(app: App, sent: str, code: int, reason: str) -> None:
    async with app.test_client() as client, client.websocket("/rooms/hall") as socket:
        await socket.send_str(sent)
        message = await socket.receive()
        assert message.type is WSMsgType.CLOSE
        assert message.data == code
        assert reason in (message.extra or "")
        assert "hunter2" not in (message.extra or "")


async def test_the_drain_tells_the_client_and_ends_the_loop(app: App) -> None:
    """K34"""
    async with app.test_client() as client, client.websocket("/rooms/hall") as socket:
        await socket.send_json({"text": "hello"})
        await socket.receive_json()
        log = app.container.get(Log)
        async with asyncio.timeout(5):  # the drain may take ten
            stopping = asyncio.ensure_future(app.stop())
            message = await socket.receive()
            await stopping
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
        assert log.lines == ["hello", "ended"]


async def test_sending_to_a_client_that_has_gone_raises_closed(web: Web) -> None:
    app, ended = web(), asyncio.get_running_loop().create_future()

    @app.facade(Http).websocket("/ticks")
    async def ticks(socket: WebSocket) -> None:
        try:
            while True:
                await socket.send({"tick": True})
                await asyncio.sleep(0)
        except Closed as closed:
            ended.set_result(closed.code)
            raise

    async with app.test_client() as client:
        async with client.websocket("/ticks") as socket:
            assert await socket.receive_json() == {"tick": True}
        async with asyncio.timeout(10):
            assert await ended


async def test_sending_what_is_not_of_the_type_is_an_error(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    app = web()

    @app.facade(Http).websocket("/wrong")
    async def wrong(socket: WebSocket[Any, int]) -> None:
        await socket.send("three")  # type: ignore[arg-type] # that is the point

    async with app.test_client() as client, client.websocket("/wrong") as socket:
        assert (await socket.receive()).data == 1011
    assert "/wrong failed" in caplog.text


@pytest.mark.parametrize(
    "origin,status",
    [(None, 101), ("{url}", 101), ("https://shop.example", 101), ("https://evil.example", 403), ("null", 403)],
)
async def test_pages_of_other_sites_may_not_open_one(web: Web, origin: str | None, status: int) -> None:
    app = web(cors_origins=["https://shop.example"])

    @app.facade(Http).websocket("/talk")
    async def talk(socket: WebSocket) -> None: ...

    async with app.test_client() as client:
        headers = {"Origin": origin.format(url=client.url)} if origin else {}
        if status == 101:
            async with client.websocket("/talk", headers=headers) as socket:
                assert (await socket.receive()).data == 1000
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                async with client.websocket("/talk", headers=headers):
                    pass
            assert caught.value.status == status


async def test_a_problem_before_the_first_message_ends_it_with_1011(web: Web) -> None:
    app = web()

    @app.facade(Http).websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        raise Problem(403, "Not you.")

    async with app.test_client() as client, client.websocket("/talk") as socket:
        assert (await socket.receive()).data == 1011


def no_socket(room: str) -> None: ...


async def with_a_body(socket: WebSocket, body: dict[str, Any]) -> None: ...


@pytest.mark.parametrize("handler", [no_socket, with_a_body])
async def test_another_signature_is_refused_when_the_door_opens(web: Web, handler: Any) -> None:
    app = web()
    app.facade(Http).websocket("/talk")(handler)
    with pytest.raises(StartupError, match="a WebSocket needs an async handler with one parameter of type WebSocket"):
        await app.__aenter__()


async def test_a_route_cannot_take_one(web: Web) -> None:
    app = web()
    app.http.route("/talk")(lambda: 1)

    @app.facade(Http).route("/other")
    async def other(socket: WebSocket) -> None: ...

    with pytest.raises(StartupError, match=r"Declare it with app.http.websocket"):
        await app.__aenter__()
