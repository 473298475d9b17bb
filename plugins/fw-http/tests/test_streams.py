"""Streams of bytes and of server-sent events: begin, go on, and end with the handler, the client or the drain."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import aiohttp
import pytest

from framework import App, Depends
from fw_http import Header, Problem, ServerSentEvent
from fw_http.facade import Http

Web = Callable[..., App]


def refuse(why: str) -> None:
    raise Problem(404, why)


@pytest.fixture
def app(web: Web) -> App:
    return web()


async def test_parts_are_sent_as_they_come(app: App, serve: Any) -> None:
    go_on = asyncio.Event()

    @app.facade(Http).route("/parts", content_type="text/csv")
    async def parts(rows: int = 2) -> AsyncIterator[str | bytes]:
        for row in range(rows):
            yield f"{row};ж\n" if row % 2 else b"0;first\n"
            await go_on.wait()

    client = await serve(app)
    async with client.session.get("/parts") as response:
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert await response.content.readline() == b"0;first\n"
        go_on.set()
        assert await response.content.read() == "1;ж\n".encode()
    async with client.session.get("/parts?rows=0") as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_what_is_raised_before_the_first_part_is_a_problem(app: App, serve: Any) -> None:
    @app.facade(Http).route("/parts")
    async def parts() -> AsyncIterator[bytes]:
        refuse("There is nothing to send.")
        yield b""

    @app.facade(Http).route("/events")
    async def events() -> AsyncIterator[ServerSentEvent]:
        await asyncio.sleep(0)
        refuse("There is nothing to tell.")
        yield ServerSentEvent("")

    client = await serve(app)
    assert await client.problem("GET", "/parts") == (404, "There is nothing to send.")
    assert await client.problem("GET", "/events") == (404, "There is nothing to tell.")


@pytest.mark.parametrize("item", [b"part", ServerSentEvent("part")], ids=["bytes", "events"])
async def test_what_fails_in_the_middle_does_not_look_whole(
    app: App, serve: Any, item: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def parts() -> Any:
        yield item
        raise RuntimeError("hunter2")

    parts.__annotations__["return"] = AsyncIterator[bytes] if item == b"part" else AsyncIterator[ServerSentEvent]
    app.http.route("/parts")(parts)
    client = await serve(app)
    async with client.session.get("/parts") as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert "hunter2" in caplog.text
    assert (await client.problem("GET", "/nothing"))[0] == 404


async def test_a_part_that_is_neither_bytes_nor_text_is_a_500(
    app: App, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def numbers() -> Any:
        yield 1

    app.http.route("/numbers")(numbers)
    assert (await (await serve(app)).problem("GET", "/numbers"))[0] == 500
    assert "yielded int, not bytes or text" in caplog.text


async def test_events_are_sent_with_name_id_and_data(app: App) -> None:
    @app.facade(Http).route("/news")
    async def news(last: Annotated[int, Header("Last-Event-ID")] = 0) -> AsyncIterator[ServerSentEvent]:
        for number in range(last + 1, 3):
            yield ServerSentEvent({"number": number}, event="news", id=str(number), retry=100)
        yield ServerSentEvent("two\nlines")

    async with app.test_client() as client:
        async with client.events("/news") as events:
            assert [event async for event in events] == [
                ServerSentEvent('{"number":1}', "news", "1", 100),
                ServerSentEvent('{"number":2}', "news", "2", 100),
                ServerSentEvent("two\nlines"),
            ]
        async with client.events("/news", headers={"Last-Event-ID": "1"}) as events:
            assert [event.id async for event in events] == ["2", ""]
        async with client.stream("GET", "/news") as response:
            assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("event", [ServerSentEvent("", event="a\nb"), ServerSentEvent("", id="a\r")])
def test_an_event_cannot_break_the_stream(event: ServerSentEvent) -> None:
    with pytest.raises(ValueError, match="contains a line break or NUL"):
        event.encoded()


async def test_the_head_of_a_silent_stream_is_sent_and_comments_keep_it_alive(web: Web) -> None:
    app = web(comment_interval=0.01)

    @app.facade(Http).route("/silent")
    async def silent() -> AsyncIterator[ServerSentEvent]:
        await asyncio.Event().wait()
        yield ServerSentEvent("never")

    async with app.test_client() as client, client.stream("GET", "/silent") as response:
        assert response.status == 200
        assert await response.content.readexactly(6) == b":\n\n:\n\n"


async def test_a_stream_of_events_ends_with_the_drain_and_cleans_up(app: App) -> None:
    """K34"""
    log = []

    @app.facade(Http).route("/news")
    async def news() -> AsyncIterator[ServerSentEvent]:
        try:
            yield ServerSentEvent("first")
            await asyncio.Event().wait()
        finally:
            log.append("handler ended")

    async with app.test_client() as client, client.events("/news") as events:
        assert (await anext(events)).data == "first"
        async with asyncio.timeout(5):  # the drain may take ten
            await app.stop()
        assert [event async for event in events] == []
    assert log == ["handler ended"]


@pytest.mark.parametrize("item", [b"part", ServerSentEvent("part")], ids=["bytes", "events"])
async def test_a_handler_hears_at_once_that_the_client_has_gone(app: App, item: Any) -> None:
    ended, scope_ended = asyncio.Event(), asyncio.Event()

    class Session: ...

    async def session() -> AsyncIterator[Session]:
        try:
            yield Session()
        finally:
            scope_ended.set()

    async def parts(session: Any = Depends(Session)) -> Any:
        try:
            yield item
            await asyncio.Event().wait()
        finally:
            ended.set()

    app.provide(Session, session, lifetime="scoped")
    parts.__annotations__["return"] = AsyncIterator[bytes] if item == b"part" else AsyncIterator[ServerSentEvent]
    app.http.route("/parts")(parts)
    async with app.test_client() as client:
        async with client.stream("GET", "/parts") as response:
            assert await response.content.readany()
        async with asyncio.timeout(10):
            await ended.wait()
            await scope_ended.wait()


async def test_head_of_a_stream_begins_nothing(app: App, serve: Any) -> None:
    async def parts() -> AsyncIterator[bytes]:
        refuse("not reached")
        yield b""

    app.http.route("/parts")(parts)
    async with (await serve(app)).session.head("/parts") as response:
        assert response.status == 200
