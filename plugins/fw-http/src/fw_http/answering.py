"""From what a handler returns to aiohttp's response, as the return annotation says."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from typing import Annotated, Any, Union, get_args, get_origin

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from multidict import CIMultiDict

from fw_http.contract import Contract
from fw_http.kinds import is_union, plain_kind
from fw_http.plain_json import write_json
from fw_http.response import Response
from fw_http.server_sent import ServerSentEvent
from fw_http.whole import whole

_STREAMS = (AsyncIterator, AsyncIterable, AsyncGenerator)
_JSON_TYPES = frozenset({dict, list, str, int, float, bool})
Write = Callable[[Any], bytes]


class Answering:
    """Made once for each route. ``kind`` is the type of the value, ``item`` that of a stream's parts.

    Each is None where there is none, or where nothing is said of it.
    """

    def __init__(self, returns: Any, *, status: int | None, content_type: str, place: str) -> None:
        self.status = status
        self.kind = _value_kind(returns)
        self.item = _item_kind(self.kind)
        self.contract: Contract | None = None
        self.content_type = content_type
        self._write: Write = _raw if content_type else write_json
        if not content_type:
            self.content_type = "application/json"
            if self.item is None and self.kind not in (None, Any, type(None)):
                self.contract = Contract(self.kind, f"{place}: the return annotation", "answer")
                self._write = self.contract.to_json
        self._headers = CIMultiDict({CONTENT_TYPE: with_charset(self.content_type)})
        self._nothing_only = self.kind is type(None)
        self._none_status = 204 if status is None else status
        self._some_status = 200 if status is None else status

    def __call__(self, value: Any) -> web.StreamResponse:
        """The response. Raises TypeError or ValueError for a value that is not what was announced."""
        if value is None:
            return web.Response(status=self._none_status)
        # Most are of these types, and to ask whether one is an aiohttp response, an abstract class, costs more.
        if type(value) not in _JSON_TYPES:
            if isinstance(value, web.StreamResponse):
                return value
            if isinstance(value, Response):
                return self._dressed(value)
        if self._nothing_only:
            raise TypeError(f"the handler is annotated to return None, not {type(value).__name__}")
        return whole(self._write(value), self._some_status, self._headers)

    def _dressed(self, response: Response[Any]) -> web.StreamResponse:
        answer = self(response.value)
        if response.status is not None:
            answer.set_status(response.status)
        answer.headers.update(response.headers)
        return answer


def with_charset(content_type: str) -> str:
    """Text is UTF-8, and says so."""
    return f"{content_type}; charset=utf-8" if re.fullmatch(r"text/[\w.+-]+", content_type) else content_type


def _value_kind(returns: Any) -> Any:
    """The type of the value that is sent: without None, aiohttp's responses, and ``Response[…]`` around it."""
    kind = plain_kind(returns)
    if is_union(kind):
        parts = [found for part in get_args(kind) if (found := _value_kind(part)) not in (None, type(None))]
        return Union[tuple(parts)] if parts else None  # noqa: UP007 - made of a list
    if (get_origin(kind) or kind) is Response:
        return _value_kind(get_args(kind)[0]) if get_args(kind) else Any
    if isinstance(kind, type) and issubclass(kind, web.StreamResponse):
        return None
    return returns if get_origin(returns) is Annotated else kind


def _item_kind(kind: Any) -> Any:
    if get_origin(kind) in _STREAMS:
        return get_args(kind)[0]
    return None


def is_events(item: Any) -> bool:
    """Whether the parts of a stream are server-sent events."""
    return isinstance(item, type) and issubclass(item, ServerSentEvent)


def _raw(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8")
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    raise TypeError(f"a route with a content_type returns text or bytes, not {type(value).__name__}")
