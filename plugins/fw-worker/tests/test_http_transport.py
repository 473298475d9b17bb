"""The moments of HTTP that no well-behaved server shows."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from fw_worker.closing import Step
from fw_worker.config import WorkerSettings
from fw_worker.http_transport import HttpTransport
from fw_worker.transport import Refused, Unreachable

from .fake_orchestrator import PATIENCE, TOKEN, FakeOrchestrator, error

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def settings(url: str, **more: Any) -> WorkerSettings:
    return WorkerSettings(**{"url": url, "id": "w-1", "token": TOKEN, "request_timeout": 5.0, **more})


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    """The address of a server that talks like that; at the end everything that was said is over."""
    talks: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0)
    async with asyncio.timeout(PATIENCE), server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        if talks:
            await asyncio.wait(talks)


async def polled(talk: Talk, given_up: Step, kind: type[HttpTransport] = HttpTransport) -> bytes | None:
    """What a poll gives where the server talks like that."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    transport = kind(settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    await transport.open()
    try:
        async with server, asyncio.timeout(PATIENCE):
            return await transport.poll(5.0, ["echo"], given_up)
    finally:
        await transport.close()


async def test_task_that_is_already_arriving_when_the_poll_is_given_up_is_still_received() -> None:
    given_up = Step()
    begun = asyncio.Event()

    class Watched(HttpTransport):
        async def _content(self, answer: aiohttp.ClientResponse) -> bytes:
            begun.set()
            return await super()._content(answer)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"task"')
        await writer.drain()
        await begun.wait()
        given_up.set()
        writer.write(b': "one"'[:7])
        writer.close()
        await writer.wait_closed()

    assert await polled(talk, given_up, Watched) == b'{"task": "one"'


async def test_poll_that_is_given_up_before_any_answer_closes_its_connection() -> None:
    given_up = Step()
    closed = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if not given_up.is_set():
                given_up.set()
            await reader.read()
        closed.set()

    async with serving(talk) as url:
        transport = HttpTransport(settings(url))
        await transport.open()
        assert await transport.poll(60.0, ["echo"], given_up) is None
        # Who thinks that it is still listened to would hand out a task that nobody does.
        await asyncio.wait_for(closed.wait(), PATIENCE)
        assert await transport.poll(60.0, ["echo"], given_up) is None
        await transport.close()


async def test_an_address_may_end_with_a_slash(orchestrator: FakeOrchestrator) -> None:
    transport = HttpTransport(settings(orchestrator.url + "/"))
    await transport.open()
    await transport.register(b"{}")
    await transport.close()


async def test_an_answer_to_a_poll_may_come_a_little_after_its_time() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"?timeout=0.02&" in await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(talk) as url:
        transport = HttpTransport(settings(url))
        await transport.open()
        assert await transport.poll(0.02, ["echo"], Step()) == b"{}"
        await transport.close()


async def test_answer_that_breaks_off_is_no_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        writer.close()

    with pytest.raises(Unreachable):
        await polled(talk, Step())


async def test_redirect_is_refused_so_that_the_token_stays_here() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    with pytest.raises(Refused, match="302"):
        await polled(talk, Step())


@pytest.mark.parametrize(
    "header,low,high",
    [
        ("7", 7, 7),
        (email.utils.formatdate(time.time() + 3600, usegmt=True), 3000, 3600),
        (email.utils.formatdate(time.time() - 3600, usegmt=True), 0, 0),
        ("soon", 30, 30),
        ("\N{SUPERSCRIPT TWO}", 30, 30),
    ],
    ids=["seconds", "date", "date that is past", "nonsense", "no number"],
)
async def test_time_to_wait_is_read_from_seconds_and_dates(
    orchestrator: FakeOrchestrator, header: str, low: float, high: float
) -> None:
    orchestrator.refuse("register", error(429, Retry_After=header))
    transport = HttpTransport(settings(orchestrator.url))
    await transport.open()
    with pytest.raises(Refused) as caught:
        await transport.register(b"{}")
    await transport.close()
    assert caught.value.retry_after is not None
    assert low <= caught.value.retry_after <= high


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"HTTP/1.1 200", b""], ids=["body", "head", "nothing"]
)
@pytest.mark.parametrize("what", ["register", "heartbeat", "result", "event", "poll"])
async def test_answer_that_does_not_end_is_waited_for_no_longer_than_the_setting_says(what: str, sent: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await reader.read()

    async with serving(talk) as url:
        transport = HttpTransport(settings(url, request_timeout=0.05))
        await transport.open()
        try:
            with pytest.raises(Unreachable, match=r"no answer from"):
                await (transport.poll(0.05, ["echo"], Step()) if what == "poll" else getattr(transport, what)(b"{}"))
        finally:
            await transport.close()


async def test_task_whose_body_does_not_end_does_not_hold_up_a_stop() -> None:
    """The poll would wait an hour; what has begun to arrive is waited for as long as any answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        await reader.read()

    async with serving(talk) as url:
        transport = HttpTransport(settings(url, request_timeout=0.05))
        await transport.open()
        try:
            with pytest.raises(Unreachable, match="did not end in time"):
                await transport.poll(3600.0, ["echo"], Step())
        finally:
            await transport.close()


async def test_clock_that_is_wrong_is_named_where_one_is_not_let_in(orchestrator: FakeOrchestrator) -> None:
    transport = HttpTransport(settings(orchestrator.url))
    await transport.open()
    try:
        for ahead, words in ((3600, "3[56].. s behind"), (-3600, "3[56].. s ahead"), (0, "FW_WORKER__TOKEN")):
            date = email.utils.formatdate(time.time() + ahead, usegmt=True)
            orchestrator.refuse("register", error(403, "Message timestamp expired", Date=date))
            with pytest.raises(Refused, match=words):
                await transport.register(b"{}")
    finally:
        await transport.close()
