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
logger = logging.getLogger("fw_logging.access")
MESSAGE = "request"
_HEAD = f'","level":"info","logger":"{logger.name}","message":"{MESSAGE}","{ID}":"'


class AccessLines:
    """Those of one App. What they say, and what is hidden in them, is what :meth:`Pipeline.emit` would make of it.

    While a request runs, only what must be known is put aside; the writer makes a line of it, for many at once. A line
    for people, or for more than one sink, or one with something in it that may need an escape or a second look, is made
    as any other is.
    """

    def __init__(self, pipeline: Pipeline, *, with_query: bool) -> None:
        self._pipeline = pipeline
        self._stamp = pipeline.timestamp.text
        self._put = pipeline.put
        self._copies = pipeline.copies
        self._is_quick = pipeline.is_json and not with_query
        self._with_query = with_query
        self._routes: dict[tuple[str, object], tuple[str, str]] = {}
        self._peers: dict[str | None, str] = {}

    def write(self, request: Any, identifier: str, status: int, size: int | None, seconds: float) -> None:
        """``identifier`` is one that was checked: nothing in it needs an escape."""
        target, peer = request.raw_path, request.remote
        method, resource = request.method, request.match_info.route.resource
        if self._is_quick and not self._copies:
            self._put((self._line, time(), identifier, method, resource, target, status, size, seconds, peer))
        else:
            fields = self._fields(identifier, method, resource, target, status, size, seconds, peer)
            self._pipeline.emit(logger.name, logging.INFO, MESSAGE, fields, {})

    def write_refusal(self, refusal: Any) -> None:
        """A request that fw-http refused before it came to anything; ``refused`` says why."""
        if not logger.isEnabledFor(logging.INFO):
            return
        method, target = refusal.method or None, refusal.target
        fields = self._fields(None, method, None, target, refusal.status, None, None, refusal.peer)
        refused = {"path": fields["path"] or None, "refused": refusal.detail}
        self._pipeline.emit(logger.name, logging.INFO, MESSAGE, {**fields, **refused}, {})

    def _line(
        self,
        moment: float,
        identifier: str,
        method: str,
        resource: Any,
        target: str,
        status: int,
        size: int | None,
        seconds: float,
        peer: str | None,
    ) -> bytes:
        path = target if "?" not in target else target.partition("?")[0]
        if (
            len(path) <= MOST_PATH
            and path.isascii()
            and path.isprintable()
            and '"' not in path
            and "\\" not in path
            and "=" not in path
            and "=" not in identifier
        ):
            before, after = self._routes.get((method, resource)) or self._route(method, resource)
            shown_peer = self._peers.get(peer) or self._peer(peer)
            whole, part = divmod(int(seconds * 1_000_000), 1000)
            line = (
                f'{{"time":"{self._stamp(moment)}{_HEAD}{identifier}{before}{path}{after}{status},"bytes":'
                f'{"null" if size is None else size},"ms":{whole}.{THREE[part]},"peer":{shown_peer}}}\n'
            ).encode()
            if after and shown_peer and not redaction.knows(line):
                return line
        fields = self._fields(identifier, method, resource, target, status, size, seconds, peer)
        return self._pipeline.line(logger.name, logging.INFO, MESSAGE, fields, {}, moment)[0]

    def _fields(
        self,
        identifier: str | None,
        method: str | None,
        resource: Any,
        target: str,
        status: int,
        size: int | None,
        seconds: float | None,
        peer: str | None,
    ) -> dict[str, Any]:
        path, _, query = target.partition("?")
        fields = {
            ID: identifier,
            "method": method,
            "path": cut(path, MOST_PATH),
            "route": _template(resource),
            "status": status,
            "bytes": size,
            "ms": None if seconds is None else round(seconds * 1000, 3),
            "peer": peer,
        }
        if self._with_query:
            fields["query"] = cut(shown_query(query), MOST_PATH)
        return fields

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
