"""`AccessLines`: the one line about a request, put together from pieces that need no look, where that is safe."""

from __future__ import annotations

import logging
from time import time
from typing import Any
from urllib.parse import unquote_plus

from fw_logging.context import ID
from fw_logging.pipeline import Pipeline
from fw_logging.redaction import HIDDEN, redaction
from fw_logging.rendering import json_line
from fw_logging.timestamp import THREE
from fw_logging.words import cut

MOST_PATH = 2000
MOST_REMEMBERED = 1024
NAMES = (ID, "method", "path", "route", "status", "bytes", "ms", "peer")
logger = logging.getLogger("fw_logging.access")
MESSAGE = "request"
_HEAD = f'","level":"info","logger":"{logger.name}","message":"{MESSAGE}","{ID}":"'
_VARIES = len('{"time":"2026-01-31T12:00:00.000000+00:00') + len(_HEAD)
"""Where in a line of JSON the first thing stands that a request brings."""


class AccessLines:
    """Those of one App. What they say, and what is hidden in them, is what :meth:`Pipeline.emit` would make of it.

    That is slower, and asked where a line is for people or goes to more than one sink, or where something in it may
    need an escape or a second look.
    """

    def __init__(self, pipeline: Pipeline, *, with_query: bool) -> None:
        self._pipeline = pipeline
        self._stamp = pipeline.timestamp.text
        self._copies = pipeline.copies
        self._with_query = with_query
        self._routes: dict[tuple[str, object], tuple[str, str]] = {}
        self._peers: dict[str | None, str] = {}
        self._judged: object = None
        self._may_be_plain = False

    def write(self, request: Any, identifier: str, status: int, size: int | None, seconds: float) -> None:
        """``identifier`` is one that was checked: nothing in it needs an escape."""
        path, _, query = request.raw_path.partition("?")
        key = request.method, request.match_info.route.resource
        peer = request.remote
        if redaction.harmless is not self._judged:  # it is made anew when there is more to hide
            self._judge()
        if (
            self._may_be_plain
            and not self._copies
            and len(path) <= MOST_PATH
            and path.isascii()
            and path.isprintable()
            and '"' not in path
            and "\\" not in path
            and "=" not in path
            and "=" not in identifier
        ):
            method, route = self._routes.get(key) or self._route(*key)
            shown_peer = self._peers.get(peer) or self._peer(peer)
            whole, part = divmod(int(seconds * 1_000_000), 1000)
            line = (
                f'{{"time":"{self._stamp(time())}{_HEAD}{identifier}{method}{path}{route}{status},"bytes":'
                f'{"null" if size is None else size},"ms":{whole}.{THREE[part]},"peer":{shown_peer}}}\n'
            ).encode()
            if route and shown_peer and not redaction.knows(line, _VARIES):
                self._pipeline.put(line)
                return
        fields = {
            ID: identifier,
            "method": key[0],
            "path": cut(path, MOST_PATH),
            "route": _template(key[1]),
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 3),
            "peer": peer,
        }
        if self._with_query:
            fields["query"] = cut(shown_query(query), MOST_PATH)
        self._pipeline.emit(logger.name, logging.INFO, MESSAGE, fields, {})

    def _judge(self) -> None:
        self._judged = redaction.harmless
        hidden = any(map(redaction.hides, NAMES)) or redaction.knows(_HEAD.encode())
        self._may_be_plain = self._pipeline.is_json and not self._with_query and not hidden

    def _route(self, method: str, resource: Any) -> tuple[str, str]:
        """What stands before the path and after it; nothing where that needs a second look."""
        texts = _plain(method), _plain(_template(resource))
        pieces = (f'","method":{texts[0]},"path":"', f'","route":{texts[1]},"status":') if all(texts) else ("", "")
        if len(self._routes) < MOST_REMEMBERED:
            self._routes[method, resource] = pieces
        return pieces

    def _peer(self, address: str | None) -> str:
        """The address in JSON; nothing where that needs a second look."""
        text = _plain(address)
        if len(self._peers) < MOST_REMEMBERED:
            self._peers[address] = text
        return text


def _template(resource: Any) -> str | None:
    return None if resource is None else str(resource.canonical)


def _plain(text: str | None) -> str:
    """In JSON, unless redaction would look for a name and its value in it."""
    return "" if text is not None and "=" in text else json_line(text)[:-1].decode()


def shown_query(query: str) -> str:
    """The query as it came, values of names like ``token`` hidden."""
    if not query:
        return ""
    return "&".join(_shown(part) for part in query.split("&"))


def _shown(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={HIDDEN}" if equals and value and redaction.hides(unquote_plus(name)) else part
