"""HTTP: one id on every line of a request, echoed, and one line about the request."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from framework import App
from fw_http import Problem
from fw_http.facade import Http
from fw_logging import correlation_id, log
from fw_logging.access_line import shown_query

MakeApp = Callable[..., App]
Visit = Callable[..., Any]


@pytest.fixture
async def visit(logging_app: MakeApp) -> AsyncIterator[Visit]:
    """Serve a small shop, with settings of `[logging]`; gives a function that asks it."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Callable[..., Any]:
            app = logging_app("http", sections={"http": {"port": 0}}, **settings)
            shop(app)
            await stack.enter_async_context(app)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(app.http.url, timeout=aiohttp.ClientTimeout(total=20))
            )

            async def ask(path: str, **options: Any) -> tuple[int, Any]:
                async with session.get(path, **options) as response:
                    await response.read()
                    assert app.logging.flush()  # the line is queued before the answer is sent
                    return response.status, response.headers

            return ask

        yield start


def shop(app: App) -> None:
    http = app.facade(Http)

    @http.route("/items/{number}")
    async def item(number: int) -> dict[str, Any]:
        log.info("looked up", number=number)
        await asyncio.create_task(child())
        return {"number": number}

    async def child() -> None:
        log.info("in a task", own=correlation_id())

    @http.route("/missing")
    async def missing() -> None:
        raise Problem(410, "It is gone.")

    @http.route("/broken")
    async def broken() -> None:
        raise OSError("no")

    @http.route("/stream")
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 1000)
        return response


async def test_every_line_of_a_request_has_its_id_which_is_echoed(visit: Visit, journal: Any) -> None:
    ask = await visit()
    status, headers = await ask("/items/7", headers={"X-Request-ID": "order-7"})
    assert (status, headers["X-Request-ID"]) == (200, "order-7")
    [line] = journal.of("fw_logging.access")
    looked, task = journal.of(__name__)
    assert {looked["request_id"], task["request_id"], task["own"], line["request_id"]} == {"order-7"}


async def test_a_request_is_one_line(visit: Visit, journal: Any) -> None:
    ask = await visit()
    await ask("/items/7?x=1")
    [line] = journal.of("fw_logging.access")
    assert line.pop("ms") >= 0
    assert len(line.pop("request_id")) == 32
    line.pop("time")
    assert line == {
        "level": "info",
        "logger": "fw_logging.access",
        "message": "request",
        "method": "GET",
        "path": "/items/7",
        "route": "/items/{number}",
        "status": 200,
        "bytes": 12,
        "peer": "127.0.0.1",
    }


@pytest.mark.parametrize(
    "path,status,route", [("/missing", 410, "/missing"), ("/broken", 500, "/broken"), ("/nowhere", 404, None)]
)
async def test_what_fails_is_a_line_with_its_status(
    visit: Visit, journal: Any, path: str, status: int, route: str | None
) -> None:
    ask = await visit()
    got, headers = await ask(path, headers={"X-Request-ID": "abc"})
    assert (got, headers["X-Request-ID"]) == (status, "abc")
    [line] = journal.of("fw_logging.access")
    assert (line["status"], line["route"], line["path"], line["request_id"]) == (status, route, path, "abc")
    if status == 500:
        [failure] = journal.of("fw_http")[-1:]
        assert failure["exception"]["type"] == "OSError"
        assert failure["request_id"] == "abc"


async def test_requests_on_one_connection_do_not_share_an_id(visit: Visit, journal: Any) -> None:
    ask = await visit()
    for path in ("/broken", "/items/1", "/missing", "/items/2"):
        await ask(path)
    identifiers = [line["request_id"] for line in journal.of("fw_logging.access")]
    assert len(set(identifiers)) == 4
    looked = [line["request_id"] for line in journal.of(__name__) if line["message"] == "looked up"]
    assert looked == [identifiers[1], identifiers[3]]


async def test_of_a_stream_the_length_is_not_known(visit: Visit, journal: Any) -> None:
    ask = await visit()
    await ask("/stream")
    [line] = journal.of("fw_logging.access")
    assert (line["status"], line["bytes"]) == (200, None)


async def test_an_id_that_could_forge_is_replaced(visit: Visit, journal: Any) -> None:
    ask = await visit()
    _, headers = await ask("/items/7", headers={"X-Request-ID": 'a" b', "traceparent": "x"})
    assert len(headers["X-Request-ID"]) == 32


async def test_a_trace_gives_the_id_and_the_header_can_be_named(visit: Visit, journal: Any) -> None:
    ask = await visit(request_id_header="X-Trace")
    trace = "0af7651916cd43dd8448eb211c80319c"
    _, headers = await ask("/items/7", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert headers["X-Trace"] == trace


async def test_the_query_is_shown_when_asked_for_and_without_secrets(visit: Visit, journal: Any) -> None:
    ask = await visit(access_query=True)
    await ask("/items/7?page=2&access_token=abc&%70assword=x")
    [line] = journal.of("fw_logging.access")
    assert line["query"] == "page=2&access_token=[redacted]&password=[redacted]"


def test_queries_are_shown_as_they_came() -> None:
    assert shown_query("") == ""
    assert shown_query("a&b=&token&token=&x=%0A&TOKEN=1=2") == "a&b=&token&token=&x=%0A&TOKEN=[redacted]"


async def test_it_can_be_switched_off_and_the_id_stays(visit: Visit, journal: Any) -> None:
    ask = await visit(access=False)
    _, headers = await ask("/items/7", headers={"X-Request-ID": "abc"})
    assert headers["X-Request-ID"] == "abc"
    assert journal.of(__name__)[0]["request_id"] == "abc"
    assert journal.of("fw_logging.access") == []


async def test_a_path_cannot_forge_a_line(visit: Visit, journal: Any) -> None:
    ask = await visit(format="console")
    assert (await ask("/items/%0A2026%1b[2J"))[0] == 400
    await ask("/items/2026%22%20status=200%C2%85x")
    refused, line = [line for line in journal.text.splitlines() if "/items/" in line]
    assert "path=/items/%0A2026%1B%5B2J" in refused
    assert "path=/items/2026%22%20status=200%C2%85x" in line.replace('"', "")
    assert "\x1b" not in journal.text
