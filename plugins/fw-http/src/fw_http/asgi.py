"""ASGI applications under a prefix: a request is translated, streamed both ways, and its end is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from fw_http.asgi_websocket import Conversation
from fw_http.departures import Departures
from fw_http.problem import Problem
from fw_http.route import Mount
from fw_http.streams import Streams

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
_OURS = {"transfer-encoding", "connection", "keep-alive"}
"""Headers that belong to the connection, which is not the application's."""


class Mounted:
    """One mounted application; ``state`` is what its lifespan left there. ``most`` is the largest body in bytes."""

    def __init__(self, mount: Mount, departures: Departures, streams: Streams, *, most: int, most_message: int) -> None:
        self.mount = mount
        self.application: Asgi = mount.application
        self.state: dict[str, Any] = {}
        self._departures = departures
        self._streams = streams
        self._most = most
        self._most_message = most_message

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request, or one WebSocket."""
        if request.headers.get("Upgrade", "").lower() == "websocket" and request.method == "GET":
            conversation = Conversation(self._scope(request, "websocket"), self._most_message, self._streams)
            return await conversation.hold(request, self.application)
        exchange = _Exchange(request, self._departures, self._most)
        await self.application(self._scope(request, "http"), exchange.receive, exchange.send)
        return exchange.answer()

    def _scope(self, request: web.Request, kind: str) -> dict[str, Any]:
        transport = request.transport
        peer = transport.get_extra_info("peername") if transport else None
        here = transport.get_extra_info("sockname") if transport else None
        scheme = request.scheme
        scope = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": f"{request.version.major}.{request.version.minor}",
            "scheme": scheme if kind == "http" else {"http": "ws", "https": "wss"}.get(scheme, "ws"),
            "path": request.rel_url.path,
            "raw_path": request.rel_url.raw_path.encode("ascii"),
            "query_string": request.rel_url.raw_query_string.encode("ascii"),
            "root_path": self.mount.prefix,
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
            "client": tuple(peer[:2]) if isinstance(peer, tuple) else None,
            "server": tuple(here[:2]) if isinstance(here, tuple) else None,
            "state": self.state.copy(),
        }
        if kind == "http":
            scope["method"] = request.method
        return scope


class _Exchange:
    """A request and its answer, as an ASGI application sees them."""

    def __init__(self, request: web.Request, departures: Departures, most: int) -> None:
        self._request = request
        self._departures = departures
        self._left = most
        self._body_is_read = False
        self._response: web.StreamResponse | None = None
        self._is_complete = False

    async def receive(self) -> Message:
        """The next part of the body; then, when the client has gone or has its answer, ``http.disconnect``."""
        if not self._body_is_read:
            try:
                chunk = await self._request.content.readany()
            except (ConnectionError, web.RequestPayloadError):
                self._body_is_read = True
                return {"type": "http.disconnect"}
            self._left -= len(chunk)
            if self._left < 0:
                raise Problem(413, "The body is too large.")
            self._body_is_read = self._request.content.at_eof()
            return {"type": "http.request", "body": chunk, "more_body": not self._body_is_read}
        if not self._is_complete:
            await self._departures.gone(self._request)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the head, or a part, of the answer. Raises OSError when the client has gone."""
        if message["type"] == "http.response.start":
            if self._response is not None:
                raise RuntimeError("the ASGI application began its answer twice")
            headers: CIMultiDict[str] = CIMultiDict()
            for name, value in message.get("headers", ()):
                if name.decode("latin-1").lower() not in _OURS:
                    headers.add(name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
            self._response = web.StreamResponse(status=message["status"], headers=headers)
        elif message["type"] == "http.response.body":
            await self._send_body(message)
        else:
            raise RuntimeError(f"an ASGI application cannot send {message['type']!r} here")

    async def _send_body(self, message: Message) -> None:
        response = self._response
        if response is None or self._is_complete:
            raise RuntimeError("the ASGI application sent a part of an answer that has not begun, or has ended")
        if not response.prepared:
            await response.prepare(self._request)
        if message.get("body") and self._request.method != "HEAD" and response.status not in (204, 304):
            await response.write(message["body"])
        if not message.get("more_body", False):
            self._is_complete = True
            await response.write_eof()

    def answer(self) -> web.StreamResponse:
        """The whole answer. Raises RuntimeError where the application returned without one."""
        if self._response is None or not self._is_complete:
            raise RuntimeError("the ASGI application returned before its answer was complete")
        return self._response
