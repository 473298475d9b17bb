"""`WebSocket`: a conversation in JSON messages of known types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, cast

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from typing_extensions import TypeVar  # typing's has no default before Python 3.13

from fw_http.bodies import checked
from fw_http.fault import Fault
from fw_http.plain_json import write_json
from fw_http.problem import Problem

if TYPE_CHECKING:
    from fw_http.contract import Contract

R = TypeVar("R", default=Any)
S = TypeVar("S", default=Any)
AHEAD = 4
"""Messages that are taken in before the handler asks for them."""
_LONGEST_REASON = 120


class Closed(Exception):
    """The other side, or the drain, has ended the conversation; ``code`` as in RFC 6455."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The WebSocket is closed (code {code}).")
        self.code = code


class WebSocket(Generic[R, S]):
    """Annotate a parameter ``WebSocket[Received, Sent]`` with the types of the messages; without them, any JSON.

    ``async for message in socket`` ends when the conversation does. What comes in and is not of its type ends it with
    code 1007.
    """

    def __init__(self, response: web.WebSocketResponse, received: Contract | None, sent: Contract | None) -> None:
        self._response = response
        self._received = received
        self._incoming: asyncio.Queue[WSMessage] = asyncio.Queue(AHEAD)
        self._write = sent.to_json if sent else write_json

    async def pump(self) -> None:
        """Take in messages until the end; the server does so, beside the handler.

        So the end, and pings, are seen while a handler only sends.
        """
        while True:
            message = await self._response.receive()
            await self._incoming.put(message)
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return

    async def receive(self) -> R:
        """The next message. Raises :class:`Closed`."""
        message = await self._incoming.get()
        if message.type is WSMsgType.TEXT:
            data = message.data.encode("utf-8", "surrogatepass")
        elif message.type is WSMsgType.BINARY:
            data = message.data
        else:
            self._incoming.put_nowait(message)  # for who asks again
            raise Closed(self._response.close_code or WSCloseCode.ABNORMAL_CLOSURE)
        return await self._checked(data)

    async def _checked(self, data: bytes) -> R:
        faults: list[Fault] = []
        try:
            value = checked(data, self._received, faults) if self._received else None
        except Problem as problem:
            reason = problem.detail
        else:
            if not faults:
                return cast("R", value)
            reason = "; ".join(f"{entry['name']} {entry['message']}".strip() for entry in faults)
        await self.close(code=WSCloseCode.INVALID_TEXT, reason=reason)
        raise Closed(WSCloseCode.INVALID_TEXT)

    async def send(self, message: S) -> None:
        """Send one. Raises :class:`Closed`, and TypeError or ValueError for one that is not of its type."""
        data = self._write(message)
        if self._response.closed:
            raise Closed(self._response.close_code or WSCloseCode.ABNORMAL_CLOSURE)
        try:
            await self._response.send_str(data.decode("utf-8"))
        except ConnectionError as error:
            raise Closed(WSCloseCode.ABNORMAL_CLOSURE) from error

    async def __aiter__(self) -> AsyncIterator[R]:
        while True:
            try:
                message = await self.receive()
            except Closed:
                return
            yield message

    async def close(self, *, code: int = WSCloseCode.OK, reason: str = "") -> None:
        """End the conversation. The server does so with 1000 when the handler returns, with 1011 when it raises."""
        await self._response.close(code=code, message=_short(reason))


def _short(reason: str) -> bytes:
    return reason.encode("utf-8")[:_LONGEST_REASON].decode("utf-8", "ignore").encode("utf-8")
