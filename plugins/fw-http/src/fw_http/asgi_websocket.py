"""`Conversation`: a WebSocket of a mounted ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web
from multidict import CIMultiDict

from fw_http.problem import Problem
from fw_http.streams import Streams

Message = MutableMapping[str, Any]


class Conversation:
    """One handshake and what follows. ``most`` is the largest message in bytes."""

    def __init__(self, scope: dict[str, Any], most: int, streams: Streams) -> None:
        self._scope = scope
        self._most = most
        self._streams = streams
        self._is_announced = False
        self._response: web.WebSocketResponse | None = None
        self._request: web.Request | None = None

    async def hold(self, request: web.Request, application: Callable[..., Awaitable[None]]) -> web.StreamResponse:
        """Let the application hold it. Raises :class:`Problem` 403 where it refuses."""
        self._request = request
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        self._scope["subprotocols"] = [name.strip() for name in offered.split(",") if name.strip()]
        async with self._streams.conversation(self._go_away):
            code = WSCloseCode.OK
            try:
                await application(self._scope, self.receive, self.send)
            except Exception:
                code = WSCloseCode.INTERNAL_ERROR
                raise
            finally:
                if self._response is not None and not self._response.closed:
                    await self._response.close(code=code)
        if self._response is None:
            raise Problem(403, "The handshake was refused.")
        return self._response

    async def _go_away(self) -> None:
        if self._response is not None:
            await self._response.close(code=WSCloseCode.GOING_AWAY, message=b"going away")

    async def receive(self) -> Message:
        """``websocket.connect``, then each message, then ``websocket.disconnect``."""
        if not self._is_announced:
            self._is_announced = True
            return {"type": "websocket.connect"}
        if self._response is None:
            raise RuntimeError("the ASGI application waits for a message before it has accepted the handshake")
        message = await self._response.receive()
        if message.type is WSMsgType.TEXT:
            return {"type": "websocket.receive", "text": message.data}
        if message.type is WSMsgType.BINARY:
            return {"type": "websocket.receive", "bytes": message.data}
        code = self._response.close_code or WSCloseCode.ABNORMAL_CLOSURE
        return {"type": "websocket.disconnect", "code": int(code), "reason": ""}

    async def send(self, message: Message) -> None:
        """Accept, send or close. Raises OSError when the client has gone."""
        match message["type"]:
            case "websocket.accept" if self._response is None:
                await self._accept(message)
            case "websocket.close" if self._response is None:
                return  # hold() refuses, as nothing was accepted
            case "websocket.close":
                await self._open.close(code=message.get("code", 1000), message=(message.get("reason") or "").encode())
            case "websocket.send" if message.get("text") is not None:
                await self._open.send_str(message["text"])
            case "websocket.send":
                await self._open.send_bytes(message.get("bytes") or b"")
            case other:
                raise RuntimeError(f"an ASGI application cannot send {other!r} here")

    async def _accept(self, message: Message) -> None:
        protocol = message.get("subprotocol")
        response = web.WebSocketResponse(protocols=(protocol,) if protocol else (), max_msg_size=self._most)
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in message.get("headers", ()):
            headers.add(name.decode("latin-1"), value.decode("latin-1"))
        response.headers.extend(headers)
        assert self._request is not None  # noqa: S101 - hold() has set it
        await response.prepare(self._request)
        self._response = response

    @property
    def _open(self) -> web.WebSocketResponse:
        if self._response is None:
            raise RuntimeError("the ASGI application sends before it has accepted the handshake")
        if self._response.closed:
            raise ConnectionResetError("the WebSocket is closed")
        return self._response
