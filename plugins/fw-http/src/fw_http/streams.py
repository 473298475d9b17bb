"""`Streams`: answers that go on until somebody ends them, and who does: the handler, the client, or the drain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any

from aiohttp import web

from fw_http.departures import Departures
from fw_http.server_sent import ServerSentEvent

PATIENCE = 1.0
"""Seconds after which the head of an event stream is sent although there is no event yet."""


class Streams:
    """All that are open. They end when :meth:`end` is called."""

    def __init__(self, departures: Departures, comment_interval: float) -> None:
        self._departures = departures
        self._interval = comment_interval
        self._open: set[asyncio.Timeout] = set()
        self._sockets: set[Callable[[], Awaitable[object]]] = set()
        self._ending = False

    async def end(self, _: object = None) -> None:
        """End all that are open, and those that are opened from now on; sockets are told to go away."""
        self._ending = True
        for deadline in self._open:
            _now(deadline)
        await asyncio.gather(*(close() for close in list(self._sockets)), return_exceptions=True)

    @asynccontextmanager
    async def conversation(self, close: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
        """A WebSocket, which ``close`` ends."""
        self._sockets.add(close)
        try:
            if self._ending:
                await close()
            yield
        finally:
            self._sockets.discard(close)

    async def send_parts(
        self, request: web.Request, parts: AsyncGenerator[Any, None], response: web.StreamResponse
    ) -> web.StreamResponse:
        """Send bytes or texts as they come. What is raised before the first is raised here.

        The drain does not end it: what is cut short must not look whole.
        """
        async with aclosing(parts), self._until_gone(request):
            async for part in parts:
                data = _bytes(part)
                if not response.prepared:
                    await response.prepare(request)
                await response.write(data)
        if not response.prepared:
            await response.prepare(request)
        return response

    async def send_events(
        self, request: web.Request, events: AsyncGenerator[Any, None], response: web.StreamResponse
    ) -> web.StreamResponse:
        """Send events as they come, and a comment whenever none came for a while.

        What is raised before the first event and within a second is raised here, before anything is sent.
        """
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Accel-Buffering", "no")
        head = _Head(request, response)
        async with aclosing(events), self._until_gone(request) as deadline:
            comments = asyncio.create_task(self._comments(head, deadline))
            try:
                with self._until_the_end(deadline):
                    async for event in events:
                        data = _encoded(event)
                        await head.send()
                        await response.write(data)
            finally:
                comments.cancel()
                await asyncio.gather(comments, return_exceptions=True)
        await head.send()
        return response

    async def _comments(self, head: _Head, deadline: asyncio.Timeout) -> None:
        wait = PATIENCE
        try:
            while True:
                await asyncio.sleep(wait)
                await head.send()
                if wait != PATIENCE:
                    await head.response.write(b":\n\n")
                wait = self._interval
        except ConnectionError:
            _now(deadline)

    @asynccontextmanager
    async def _until_gone(self, request: web.Request) -> AsyncIterator[asyncio.Timeout]:
        """A block that ends quietly, where it waits, when the client goes, or when what it gets is set to expire."""
        deadline = asyncio.timeout(None)
        with suppress(_Ended):
            try:
                async with deadline:
                    with self._departures.calling(request, lambda: _now(deadline)):
                        yield deadline
            except TimeoutError as error:
                if not deadline.expired():
                    raise
                raise _Ended from error

    @contextmanager
    def _until_the_end(self, deadline: asyncio.Timeout) -> Iterator[None]:
        """A block that the drain ends, too."""
        self._open.add(deadline)
        try:
            if self._ending:
                _now(deadline)
            yield
        finally:
            self._open.discard(deadline)


class _Ended(Exception):
    """The stream was ended from outside."""


class _Head:
    """The head of an answer, sent once by whoever comes first."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self.response = response
        self._request = request
        self._lock = asyncio.Lock()

    async def send(self) -> None:
        if not self.response.prepared:
            async with self._lock:
                if not self.response.prepared:
                    await self.response.prepare(self._request)


def _now(deadline: asyncio.Timeout) -> None:
    with suppress(RuntimeError):  # it is over already
        deadline.reschedule(asyncio.get_running_loop().time())


def _encoded(event: Any) -> bytes:
    if not isinstance(event, ServerSentEvent):
        raise TypeError(f"the handler yielded {type(event).__name__}, not ServerSentEvent")
    return event.encoded()


def _bytes(part: Any) -> bytes:
    if isinstance(part, str):
        return part.encode("utf-8")
    if isinstance(part, bytes | bytearray | memoryview):
        return bytes(part)
    raise TypeError(f"the handler yielded {type(part).__name__}, not bytes or text")
