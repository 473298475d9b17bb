"""Answers of one turn of the loop leave together, and none is lost that the connection ends behind."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web as aiohttp_web

from framework import App, Depends
from fw_http import Problem
from fw_http.connection import Connection, send_now
from fw_http.facade import Http
from fw_http.outbox import Outbox
from fw_http.site import Site

Web = Callable[..., App]
Ending = Callable[[aiohttp_web.Request, aiohttp_web.Response], Any]
ASK = b"GET /together HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Wire:
    """Notes what is written, and when."""

    def __init__(self, notes: list[str], name: str) -> None:
        self._notes, self._name = notes, name

    def write(self, data: bytes) -> None:
        self._notes.append(f"{self._name}: {data.decode()}")


async def test_what_is_made_in_one_turn_leaves_at_its_end_in_order() -> None:
    notes: list[str] = []
    outbox, loop = Outbox(), asyncio.get_running_loop()
    wires: list[Any] = [Wire(notes, "one"), Wire(notes, "two")]
    for n, wire in enumerate((*wires, wires[0])):
        loop.call_soon(outbox.put, loop, wire, b"%d" % n)
        loop.call_soon(notes.append, "worked")
    await asyncio.sleep(0)
    assert notes == ["worked"] * 3
    await asyncio.sleep(0)
    assert notes == ["worked"] * 3 + ["one: 0", "two: 1", "one: 2"]


async def test_what_is_alone_in_its_turn_does_not_wait() -> None:
    notes: list[str] = []
    loop = asyncio.get_running_loop()
    wire: Any = Wire(notes, "one")
    done = loop.create_future()

    def put() -> None:
        Outbox().put(loop, wire, b"x")
        done.set_result(list(notes))

    loop.call_soon(loop.call_soon, put)
    assert await done == ["one: x"]


async def test_a_loop_that_shows_no_list_is_written_to_at_once() -> None:
    notes: list[str] = []
    loop: Any = object()
    wire: Any = Wire(notes, "one")
    Outbox().put(loop, wire, b"x")
    assert notes == ["one: x"]


class Meeting:
    """An application whose handlers wait for each other, so that they answer in one turn of the loop."""

    def __init__(self, app: App, number: int) -> None:
        self.app = app
        self._missing = number
        self._all_here = asyncio.Event()
        self.first: Ending = lambda *_: None
        self.then: Ending = lambda *_: None

        @app.facade(Http).route("/together")
        async def together(request: aiohttp_web.Request) -> aiohttp_web.StreamResponse:
            await self.met()
            answer = aiohttp_web.Response(body=b"here")
            self.first(request, answer)
            await send_now(request, answer)
            self.then(request, answer)
            return answer

    async def met(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._all_here.set()
        await self._all_here.wait()


@asynccontextmanager
async def asking(client: Any, number: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connections on which a request has been sent."""
    opened = [await asyncio.open_connection(*client.address) for _ in range(number)]
    try:
        for _, writer in opened:
            writer.write(ASK)
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in opened), return_exceptions=True)


async def body(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(20):
        await reader.readuntil(b"\r\n\r\n")
        return await reader.readexactly(4)


def counted(monkeypatch: Any) -> list[int]:
    """How many answers were waiting whenever some were sent."""
    flush, sizes = Outbox.flush, list[int]()

    def noting(self: Outbox) -> None:
        if self._waiting:
            sizes.append(len(self._waiting))
        flush(self)

    monkeypatch.setattr(Outbox, "flush", noting)
    return sizes


async def test_handlers_that_end_in_one_turn_are_answered_together(web: Web, serve: Any, monkeypatch: Any) -> None:
    meeting = Meeting(web(), 4)
    client = await serve(meeting.app)
    sizes = counted(monkeypatch)
    async with asking(client, 4) as readers:
        assert [await body(reader) for reader in readers] == [b"here"] * 4
    assert max(sizes) >= 3  # the last one of the turn need not wait


async def test_what_waits_is_sent_before_its_connection_is_closed(web: Web, serve: Any) -> None:
    """By whoever closes it in the same turn: a drain, a time-out, an error, the client."""

    def fails(*_: object) -> None:
        raise Problem(400, "Too late.")

    endings: list[Ending] = [
        lambda request, _: request.protocol.force_close(),
        lambda request, _: request.protocol.close(),
        lambda request, _: connection(request).finish(),
        lambda _, answer: answer.force_close(),
        half_closed,
        fails,
    ]
    for moment, ending in itertools.product(("first", "then"), endings):
        if (moment, ending) in (("first", fails), ("first", half_closed), ("first", endings[0])):
            continue  # whoever is gone before is not answered
        meeting = Meeting(web(), 3)
        setattr(meeting, moment, ending)
        client = await serve(meeting.app)
        async with asking(client, 3) as readers:
            assert [await body(reader) for reader in readers] == [b"here"] * 3


def half_closed(request: aiohttp_web.Request, _: object) -> None:
    """What asyncio does when a client sends nothing more."""
    assert request.transport is not None
    connection(request).eof_received()  # not True: the connection is not to stay half open
    request.transport.close()


async def test_answers_to_requests_that_came_together_keep_their_order(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).route("/short")
    async def short() -> str:
        return "short"

    @app.facade(Http).route("/long")
    async def long() -> AsyncIterator[str]:
        yield "long"

    client = await serve(app)
    asked = b"".join(b"GET /%s HTTP/1.1\r\nHost: localhost\r\n" % name + end for name, end in PIPELINED)
    for answer in await asyncio.gather(*(client.raw(asked) for _ in range(8))):
        places = [answer.index(b"short"), answer.index(b"long"), answer.rindex(b"short")]
        assert places == sorted(set(places))


PIPELINED = ((b"short", b"\r\n"), (b"long", b"\r\n"), (b"short", b"Connection: close\r\n\r\n"))


def connection(request: aiohttp_web.Request) -> Connection:
    assert isinstance(request.protocol, Connection)
    return request.protocol


async def test_a_client_that_has_gone_is_missed(web: Web, serve: Any) -> None:
    app = web()
    heard = asyncio.Event()
    noticed = asyncio.get_running_loop().create_future()

    @app.facade(Http).route("/together")
    async def together(request: aiohttp_web.Request, site: Site = Depends()) -> None:
        heard.set()
        await site.departures.gone(request)
        try:
            await send_now(request, aiohttp_web.Response(body=b"here"))
        except ConnectionError as error:
            noticed.set_result(error)
            raise

    client = await serve(app)
    _, writer = await asyncio.open_connection(*client.address)
    writer.write(ASK)
    await heard.wait()
    writer.transport.abort()
    async with asyncio.timeout(20):
        assert isinstance(await noticed, ConnectionError)
