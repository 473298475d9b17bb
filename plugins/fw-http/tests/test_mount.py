"""ASGI applications under a prefix: a FastAPI one, and small ones that look at one thing each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse

from framework import App, StartupError
from fw_http.facade import Http

Web = Callable[..., App]


def shop(log: list[str]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[dict[str, str]]:
        log.append("started")
        yield {"name": "shop"}
        log.append("ended")

    api = FastAPI(lifespan=lifespan)

    @api.get("/items/{number}")
    async def item(request: Request, number: int, text: str = "") -> dict[str, Any]:
        return {
            "number": number,
            "text": text,
            "state": request.state.name,
            "url": str(request.url_for("item", number=7)),
        }

    @api.post("/upload")
    async def upload(request: Request) -> dict[str, Any]:
        return {"size": len(await request.body())}

    @api.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(3):
                yield f"{number}\n".encode()

        return StreamingResponse(parts(), media_type="text/plain")

    @api.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept(subprotocol="chat" if "chat" in socket.scope["subprotocols"] else None)
        async for text in socket.iter_text():
            await socket.send_text(text.upper())

    @api.get("/fail")
    async def fail() -> None:
        raise RuntimeError("hunter2")

    return api


async def test_a_fastapi_application_is_served_under_its_prefix(web: Web) -> None:
    app, log = web(), list[str]()
    app.http.mount("/legacy", shop(log))
    app.http.route("/own")(lambda: "own")
    async with app.test_client() as client:
        assert log == ["started"]
        answer = await client.get("/legacy/items/3?text=%D0%B6")
        assert (answer.status, answer.json()) == (
            200,
            {"number": 3, "text": "ж", "state": "shop", "url": f"{client.url}/legacy/items/7"},
        )
        assert (await client.get("/legacy/items/x")).status == 422
        assert (await client.get("/legacy/nothing")).json() == {"detail": "Not Found"}
        assert (await client.get("/legacy/openapi.json")).json()["paths"].keys() >= {"/items/{number}"}
        assert (await client.get("/legacy/stream")).text == "0\n1\n2\n"
        assert (await client.post("/legacy/upload", data=b"x" * 200_000)).json() == {"size": 200_000}
        assert (await client.get("/own")).json() == "own"
        assert (await client.request("HEAD", "/legacy/items/1")).status == 405
    assert log == ["started", "ended"]


async def test_its_websockets_are_served(web: Web) -> None:
    app = web()
    app.http.mount("/legacy", shop([]))
    async with app.test_client() as client:
        async with client.websocket("/legacy/talk", protocols=["chat"]) as socket:
            assert socket.protocol == "chat"
            await socket.send_str("hello")
            assert await socket.receive_str() == "HELLO"
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with client.websocket("/legacy/nothing"):
                pass
        assert caught.value.status == 403
        async with client.websocket("/legacy/talk") as socket:
            async with asyncio.timeout(5):
                stopping = asyncio.ensure_future(app.stop())
                assert (await socket.receive()).data == 1001
                await stopping


async def test_what_fails_in_it_is_a_500_that_leaks_nothing(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    app = web()
    app.http.mount("/legacy", shop([]))
    async with app.test_client() as client:
        answer = await client.get("/legacy/fail")
    assert answer.status == 500
    assert "hunter2" not in answer.text


async def test_one_mounted_at_the_root_gets_what_nobody_else_serves(web: Web) -> None:
    app = web()
    app.http.mount("/", shop([]))
    app.http.route("/own/{name}")(lambda name: name)
    async with app.test_client() as client:
        assert (await client.get("/own/a")).json() == "a"
        assert (await client.get("/items/1")).json()["number"] == 1


async def test_the_body_comes_in_as_it_is_sent_and_the_answer_goes_out_meanwhile(web: Web) -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("no lifespan here")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"], "more_body": more})

    app, go_on = web(), asyncio.Event()
    app.http.mount("/echo", echo)

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await go_on.wait()
        yield b"second"

    async with app.test_client() as client, client.stream("POST", "/echo", data=body()) as response:
        assert await response.content.readany() == b"first"
        go_on.set()
        assert await response.read() == b"second"


async def test_it_hears_that_the_client_has_gone(web: Web) -> None:
    heard = asyncio.Event()

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        assert (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        if (await receive())["type"] == "http.disconnect":
            heard.set()

    app = web()
    app.http.mount("/wait", wait)
    async with app.test_client() as client:
        async with client.stream("GET", "/wait") as response:
            await response.content.readany()
        async with asyncio.timeout(10):
            await heard.wait()


async def test_a_body_too_large_is_a_413(web: Web) -> None:
    app = web(max_upload=1000)

    async def read(scope: Any, receive: Any, send: Any) -> None:
        while scope["type"] == "http" and (await receive())["more_body"]:
            pass

    app.http.mount("/read", read)
    async with app.test_client() as client:
        assert (await client.post("/read", data=b"x" * 1001)).status == 413


@pytest.mark.parametrize("begin", [False, True], ids=["nothing", "half"])
async def test_one_that_does_not_finish_its_answer_is_a_fault(
    web: Web, begin: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def half(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and begin:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    app = web()
    app.http.mount("/half", half)
    async with app.test_client() as client:
        if begin:
            with pytest.raises(aiohttp.ClientError):
                await client.get("/half")
        else:
            assert (await client.get("/half")).status == 500
    assert "returned before its answer was complete" in caplog.text


async def test_one_that_cannot_start_keeps_the_door_closed(web: Web) -> None:
    log: list[str] = []

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    app = web()
    app.facade(Http).mount("/first", shop(log))
    app.facade(Http).mount("/broken", broken)
    with pytest.raises(StartupError, match="the mounted application did not start: no database") as caught:
        await app.__aenter__()
    assert __file__ in str(caught.value)
    assert log == ["started", "ended"]
