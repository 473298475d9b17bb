"""What the server refuses before any middleware is told to who watches."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_http import Refusal
from fw_http.facade import Http

Web = Callable[..., App]


def watched(app: App) -> list[Refusal]:
    told: list[Refusal] = []
    app.facade(Http).watch_refusals(told.append)
    app.facade(Http).route("/a")(lambda: 1)
    return told


@pytest.mark.parametrize(
    "request_,status,method,target",
    [
        (b"GET /a?x HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "GET", "/a?x"),
        (b"GET /a/../b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "GET", "/a/../b"),
        (b"TRACE /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "TRACE", "/a"),
        (b"PURGE /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "PURGE", "/a"),
        (b"no request\r\n\r\n", 400, "", ""),
        (b"GET /a HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 40_000, 431, "", ""),
        (b"\x16\x03\x01", 400, "", ""),
    ],
)
async def test_a_refusal_is_told_once(
    web: Web, serve: Any, request_: bytes, status: int, method: str, target: str
) -> None:
    app = web()
    told = watched(app)
    client = await serve(app)
    answer = await client.raw(request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    [refusal] = told
    assert (refusal.status, refusal.method, refusal.target, refusal.peer) == (status, method, target, "127.0.0.1")
    assert refusal.detail in answer.decode()


async def test_a_connection_that_is_one_too_many_is_told(web: Web, serve: Any) -> None:
    app = web(max_connections_per_peer=1)
    told = watched(app)
    client = await serve(app)
    _, writer = await asyncio.open_connection(*client.address)
    try:
        assert (await client.raw(b"")).startswith(b"HTTP/1.1 503 ")
    finally:
        writer.close()
        await writer.wait_closed()
    assert [(refusal.status, refusal.peer) for refusal in told] == [(503, "127.0.0.1")]


async def test_what_is_answered_is_none(web: Web, serve: Any) -> None:
    app = web()
    told = watched(app)
    client = await serve(app)
    for path in ("/a", "/missing", "/health/live"):
        await client.answer("GET", path)
    await client.answer("POST", "/a")
    assert told == []


async def test_a_watch_that_fails_is_logged_and_others_are_told(
    web: Web, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = web()

    def broken(refusal: Refusal) -> None:
        raise OSError("no")

    app.facade(Http).watch_refusals(broken)
    told = watched(app)
    client = await serve(app)
    assert await client.problem("GET", "/a", headers={"Host": "evil.example"}) == (421, told[0].detail)
    assert "failed to be told of a refusal" in caplog.text
