"""HTTP for fw: declare routes with ``app.http.route``; raise :class:`Problem` to answer with an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_http.marks import Body, Cookie, Form, Header, Query
    from fw_http.peer import Peer
    from fw_http.problem import Problem
    from fw_http.refusal import Refusal
    from fw_http.response import Response, redirect
    from fw_http.server_sent import ServerSentEvent
    from fw_http.upload import Upload
    from fw_http.websocket import Closed, WebSocket

_HOMES = {
    "Body": "marks",
    "Closed": "websocket",
    "Cookie": "marks",
    "Form": "marks",
    "Header": "marks",
    "Peer": "peer",
    "Problem": "problem",
    "Query": "marks",
    "Refusal": "refusal",
    "Response": "response",
    "ServerSentEvent": "server_sent",
    "Upload": "upload",
    "WebSocket": "websocket",
    "redirect": "response",
}

__all__ = [
    "Body",
    "Closed",
    "Cookie",
    "Form",
    "Header",
    "Peer",
    "Problem",
    "Query",
    "Refusal",
    "Response",
    "ServerSentEvent",
    "Upload",
    "WebSocket",
    "redirect",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: aiohttp takes a while."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value
