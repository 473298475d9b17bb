"""`Routing`: what declares routes, common to ``app.http`` and its groups."""

from __future__ import annotations

import inspect
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from framework import BootstrapError
from fw_http.route import METHODS, Mount, Route, SocketRoute, StaticFolder

Fn = TypeVar("Fn", bound=Callable[..., Any])
ROUTE = "route"
SOCKET = "socket"
STATIC = "static"
MOUNT = "mount"


class Routing(ABC):
    """Declares routes under a prefix, with tags and middleware that all of them have."""

    prefix: str = ""
    tags: tuple[str, ...] = ()
    middleware: tuple[Any, ...] = ()

    @abstractmethod
    def declare(self, kind: str, item: Any) -> Any:
        """Record ``item``."""

    def route(
        self,
        path: str,
        *,
        methods: Sequence[str] = ("GET",),
        status: int | None = None,
        content_type: str = "",
        tags: Sequence[str] = (),
        summary: str = "",
        hidden: bool = False,
        described: Mapping[str, Any] = MappingProxyType({}),
    ) -> Callable[[Fn], Fn]:
        """Decorate the handler of ``path``, sync (run in a thread) or async.

        Its signature is the contract. Parameters named like the path's ``{name}`` come from there; dataclasses, typed
        dictionaries and pydantic models from the JSON body, as does one named ``body``; all others from the query
        string, unless their annotation carries a mark (``Header``, ``Cookie``, ``Form``, ``Query``, ``Body``) or they
        are marked ``Depends()``. A default makes them optional. What the handler returns is checked against its
        return annotation and sent as JSON with ``status``; None as 204; text, bytes and streams as ``content_type``.
        ``hidden`` keeps it out of the OpenAPI document. ``described`` are members of its operation there, such as
        ``requestBody``, for a handler that takes the request as it is; its ``parameters`` come after the signature's.
        """
        wrong = [method for method in methods if method.upper() not in METHODS]
        if isinstance(methods, str) or wrong or not methods:
            raise BootstrapError(
                f"Route {path!r}: methods={methods!r} is not a list of HTTP methods.",
                remedy='Write methods=["GET", "POST"].',
            )
        if status is not None and not 200 <= status <= 599:
            raise BootstrapError(f"Route {path!r}: status={status!r} is no status of an answer.", remedy="As in 201.")
        whole = self._under(path, "Route")
        verbs = tuple(method.upper() for method in methods)
        all_tags = _texts((*self.tags, *_listed(tags, "tags")), "tags")

        def declare(handler: Fn) -> Fn:
            route = Route(
                whole, verbs, handler, status, content_type, all_tags, summary, hidden, self.middleware, described
            )
            self.declare(ROUTE, route)
            return handler

        return declare

    def websocket(self, path: str) -> Callable[[Fn], Fn]:
        """Decorate the async handler of a WebSocket; its parameter of type ``WebSocket`` is the conversation.

        The others are filled as those of :meth:`route` are, before the handshake is answered.
        """
        whole = self._under(path, "WebSocket")

        def declare(handler: Fn) -> Fn:
            self.declare(SOCKET, SocketRoute(whole, handler, self.middleware))
            return handler

        return declare

    def static(self, prefix: str, folder: str | os.PathLike[str]) -> None:
        """Serve the files of ``folder`` under ``prefix``, with ETag, ranges and nothing outside the folder."""
        self.declare(STATIC, StaticFolder(self._under(prefix, "Static folder"), Path(folder)))

    def mount(self, prefix: str, application: Callable[..., Any]) -> None:
        """Serve an ASGI application under ``prefix``: HTTP, WebSocket and lifespan."""
        self.declare(MOUNT, Mount(self._under(prefix, "Mount").rstrip("/"), application))

    def group(self, prefix: str, *, tags: Sequence[str] = (), middleware: Sequence[Any] = ()) -> Group:
        """Routes that share a prefix, tags, and middleware that stands around them only."""
        for item in middleware:
            check_middleware(item)
        inner = (*self.middleware, *middleware)
        return Group(self, self._under(prefix, "Group").rstrip("/"), (*self.tags, *_listed(tags, "tags")), inner)

    def _under(self, path: str, what: str) -> str:
        if not path.startswith("/"):
            raise BootstrapError(f"{what} {path!r} does not start with '/'.", remedy=f"Write {'/' + path!r}.")
        return self.prefix + path if path != "/" or not self.prefix else self.prefix


class Group(Routing):
    """Some of the routes; made by ``app.http.group``."""

    def __init__(self, outer: Routing, prefix: str, tags: tuple[str, ...], middleware: tuple[Any, ...]) -> None:
        self._outer = outer
        self.prefix = prefix
        self.tags = _texts(tags, "tags")
        self.middleware = middleware

    def declare(self, kind: str, item: Any) -> Any:
        """Record ``item`` with the facade."""
        return self._outer.declare(kind, item)


def _listed(values: Sequence[str], what: str) -> Sequence[str]:
    if isinstance(values, str):
        raise BootstrapError(f"{what}={values!r} is not a list.", remedy=f"Write {what}=[{values!r}].")
    return values


def _texts(values: Sequence[Any], what: str) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str):
            raise BootstrapError(f"{what}: {value!r} is no text.", remedy=f'As in {what}=["shop"].')
    return tuple(dict.fromkeys(values))


def check_middleware(middleware: Any) -> None:
    """Raise :class:`BootstrapError` if it is no middleware: a function of request and handler, or a class of such."""
    called: Any = middleware
    arguments: tuple[str, ...] = ("request", "handler")
    if isinstance(middleware, type):
        called = getattr(middleware, "__call__", None)  # noqa: B004 - the function itself is wanted
        arguments = ("self", *arguments)
    if not inspect.iscoroutinefunction(called) or not _takes(called, arguments):
        raise BootstrapError(
            f"{middleware!r} is no HTTP middleware.",
            remedy="Give an `async def middleware(request, handler)`, or a class with an "
            "`async def __call__(self, request, handler)`.",
        )


def _takes(function: Callable[..., Any], arguments: tuple[str, ...]) -> bool:
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    return True
