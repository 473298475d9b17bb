"""Clients that are slow, silent, or do not read: each costs a connection for a limited time only."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web as aiohttp_web

from framework import App
from fw_http.connection import Connection
from fw_http.facade import Http

Web = Callable[..., App]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HEAD = b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
GET = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def connection(app: App, **options: Any) -> AsyncIterator[Streams]:
    host, _, port = app.http.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), **options)
    try:
        async with asyncio.timeout(20):
            yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def rest(reader: asyncio.StreamReader) -> bytes:
    found = b""
    try:
        while part := await reader.read(65536):
            found += part
    except ConnectionResetError:
        return found  # the server closed while there was more to read
    return found


def is_timeout(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 408 ") and b"Connection: close" in head and json.loads(body)["status"] == 408


def hello(app: App) -> App:
    app.facade(Http).route("/hello")(lambda: "hello")

    async def take(request: aiohttp_web.Request) -> int:
        return len(await request.read())

    app.facade(Http).route("/take", methods=["POST"])(take)
    return app


@pytest.mark.parametrize("part", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "])
async def test_half_a_head_is_a_408(web: Web, part: bytes) -> None:
    async with hello(web(head_timeout=0.05)) as app, connection(app) as (reader, writer):
        writer.write(part)
        assert is_timeout(await rest(reader))


async def test_a_client_that_says_nothing_is_dropped_without_a_word(web: Web) -> None:
    async with hello(web(head_timeout=0.05)) as app, connection(app) as (reader, _):
        assert await rest(reader) == b""


async def test_the_time_for_a_head_counts_from_its_first_byte_however_many_follow(web: Web) -> None:
    async with hello(web(head_timeout=0.1)) as app, connection(app) as (reader, writer):
        writer.write(GET[:-4])
        answer = asyncio.ensure_future(rest(reader))
        while not answer.done():
            writer.write(b"\r\nX-A: b")
            await asyncio.wait([answer], timeout=0.01)
        assert is_timeout(await answer)


async def test_a_later_request_has_the_same_time_for_its_head(web: Web) -> None:
    async with hello(web(head_timeout=0.05)) as app, connection(app) as (reader, writer):
        writer.write(GET)
        await reader.readuntil(b'"hello"')
        writer.write(b"GET /hello")
        assert is_timeout(await rest(reader))


async def test_half_a_head_behind_a_request_that_is_being_answered_gets_no_answer(web: Web) -> None:
    app, entered, go_on = web(head_timeout=0.05), asyncio.Event(), asyncio.Event()

    @app.facade(Http).route("/slow")
    async def slow() -> str:
        entered.set()
        await go_on.wait()
        return "done"

    async with app, connection(app) as (reader, writer):
        writer.write(GET.replace(b"hello", b"slow"))
        await entered.wait()
        writer.write(b"GET /he")
        await asyncio.sleep(0.2)  # the deadline passes while the handler works
        go_on.set()
        answer = await rest(reader)
    assert answer.endswith(b'\r\n\r\n"done"')


async def test_an_idle_connection_is_closed_after_its_time(web: Web) -> None:
    async with hello(web(keep_alive=0.05)) as app, connection(app) as (reader, writer):
        writer.write(GET)
        assert (await rest(reader)).endswith(b'\r\n\r\n"hello"')


async def test_a_head_larger_than_allowed_ends_before_it_is_whole(web: Web) -> None:
    async with hello(web(max_head=1000)) as app, connection(app) as (reader, writer):
        writer.write(GET[:-2])
        answer = asyncio.ensure_future(rest(reader))
        while not answer.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.wait([answer], timeout=0.001)
        assert (await answer).startswith(b"HTTP/1.1 431 ")


async def test_a_body_slower_than_the_least_rate_is_a_408(web: Web) -> None:
    async with hello(web(body_timeout=0.05, min_rate=1_000_000)) as app, connection(app) as (reader, writer):
        writer.write(HEAD % 1_000_000)
        answer = asyncio.ensure_future(rest(reader))
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait([answer], timeout=0.005)
        assert is_timeout(await answer)


async def test_a_body_as_fast_as_the_least_rate_may_take_longer_than_the_time(web: Web) -> None:
    async with hello(web(body_timeout=0.05, min_rate=100)) as app, connection(app) as (reader, writer):
        writer.write(HEAD % 1_000)
        for _ in range(10):
            writer.write(b"x" * 100)
            await asyncio.sleep(0.02)
        assert (await reader.readuntil(b"1000")).startswith(b"HTTP/1.1 200 ")


async def test_a_handler_that_takes_its_time_to_read_costs_the_client_nothing(web: Web) -> None:
    app, entered = web(body_timeout=0.3, min_rate=0, max_body=4_000_000), asyncio.Event()

    @app.facade(Http).route("/take", methods=["POST"])
    async def take(request: aiohttp_web.Request) -> int:
        entered.set()
        await asyncio.sleep(0.6)  # twice the time that the client has
        return len(await request.read())

    async with app, connection(app) as (reader, writer):
        writer.write(HEAD % 3_000_000 + b"x" * 3_000_000)
        await entered.wait()
        assert (await reader.readuntil(b"3000000")).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_does_not_read_loses_its_connection(web: Web) -> None:
    app, gone = web(write_timeout=0.05), asyncio.Event()

    @app.facade(Http).route("/endless")
    async def endless(request: aiohttp_web.Request) -> aiohttp_web.StreamResponse:
        response = aiohttp_web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        finally:
            gone.set()

    with socket.socket() as unread:
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        async with app:
            unread.connect(("127.0.0.1", int(app.http.url.rpartition(":")[2])))
            unread.sendall(GET.replace(b"hello", b"endless"))
            async with asyncio.timeout(20):
                await gone.wait()


async def test_a_client_that_reads_steadily_keeps_it_for_as_long_as_it_takes(web: Web) -> None:
    app = web(write_timeout=0.1, min_rate=1)
    app.facade(Http).route("/large")(lambda: "x" * 20_000_000)
    async with app, connection(app, limit=4096) as (reader, writer):
        writer.write(GET.replace(b"hello", b"large"))
        await reader.readuntil(b"\r\n\r\n")
        size = 20_000_002
        while size:
            part = await reader.read(2_000_000)
            assert part
            size -= len(part)
            await asyncio.sleep(0.0005)


async def test_whole_requests_set_no_timer(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, set_timers = asyncio.get_running_loop(), []
    call_at = loop.call_at

    def counted(when: float, callback: Any, *rest: Any, **named: Any) -> asyncio.TimerHandle:
        set_timers.append(getattr(callback, "__self__", None).__class__)
        return call_at(when, callback, *rest, **named)

    async with hello(web()) as app, connection(app) as (reader, writer):
        writer.write(GET)
        await reader.readuntil(b'"hello"')
        monkeypatch.setattr(loop, "call_at", counted)
        for _ in range(10):
            writer.write(GET)
            await reader.readuntil(b'"hello"')
        monkeypatch.undo()
    assert set_timers.count(Connection) == 0  # both were set when the connection was made
