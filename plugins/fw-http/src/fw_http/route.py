"""What users declare with ``app.http``: light records, which the site acts on when the door opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True)
class Route:
    """A path with ``{name}`` parameters, the methods it answers, and its handler.

    ``status`` None means 200, or 204 where there is nothing to send. ``content_type`` is that of a text, of bytes or of
    a stream. ``middleware`` stands around this route alone, the first one outermost. ``tags``, ``summary`` and
    ``hidden`` are for the OpenAPI document, as is ``described``: members of the operation that the handler's signature
    does not tell.
    """

    path: str
    methods: tuple[str, ...]
    handler: Callable[..., Any]
    status: int | None = None
    content_type: str = ""
    tags: tuple[str, ...] = ()
    summary: str = ""
    hidden: bool = False
    middleware: tuple[Any, ...] = ()
    described: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SocketRoute:
    """A path that answers WebSocket handshakes, and the handler of the conversation."""

    path: str
    handler: Callable[..., Any]
    middleware: tuple[Any, ...] = ()


@dataclass(frozen=True)
class StaticFolder:
    """The files of a folder under a prefix."""

    prefix: str
    folder: Path


@dataclass(frozen=True)
class Mount:
    """An ASGI application under a prefix."""

    prefix: str
    application: Callable[..., Any]
