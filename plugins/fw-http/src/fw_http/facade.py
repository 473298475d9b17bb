"""`Http`: what users see as ``app.http``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from framework import BootstrapError, Facade, FrameworkError

Fn = TypeVar("Fn", bound=Callable[..., Any])
Middleware = TypeVar("Middleware", bound=Callable[..., Any])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ROUTE = "route"
MIDDLEWARE = "middleware"


@dataclass(frozen=True)
class Route:
    """A declared route: a path with ``{name}`` parameters, the methods it answers, and its handler."""

    path: str
    methods: tuple[str, ...]
    handler: Callable[..., Any]


class Http(Facade):
    """Declares routes; the server acts on them when the application is ready."""

    listening: str | None = None
    """Where the server listens, told by the server itself; None while it does not run."""

    def route(self, path: str, *, methods: Sequence[str] = ("GET",)) -> Callable[[Fn], Fn]:
        """Decorate the handler of ``path``, sync or async.

        Its parameters are filled by name: ``request`` (the aiohttp request), the path's ``{name}`` parameters
        converted to their annotation, ``body`` (the JSON body), and those marked ``Depends()``. What it returns is
        sent as JSON; None as 204; an aiohttp response as it is. Sync handlers run on the event loop and must not
        block.
        """
        wrong = [method for method in methods if method.upper() not in METHODS]
        if isinstance(methods, str) or wrong or not methods:
            raise BootstrapError(
                f"Route {path!r}: methods={methods!r} is not a list of HTTP methods.",
                remedy='Write methods=["GET", "POST"].',
            )
        if not path.startswith("/"):
            raise BootstrapError(f"Route {path!r} does not start with '/'.", remedy=f"Write {'/' + path!r}.")

        def declare(handler: Fn) -> Fn:
            self.declare(ROUTE, Route(path, tuple(method.upper() for method in methods), handler))
            return handler

        return declare

    def add_middleware(self, middleware: Middleware) -> Middleware:
        """Let ``middleware`` stand around every handler, and around the answer where nothing is served.

        It is an ``async def middleware(request, handler)`` that returns ``await handler(request)`` or a response of its
        own, or a class with such a ``__call__``, whose constructor parameters are injected. The first one declared is
        outermost. Gives it back, so it decorates too.
        """
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
        self.declare(MIDDLEWARE, middleware)
        return middleware

    @property
    def url(self) -> str:
        """Where the running server listens, such as ``http://127.0.0.1:8000``; for port 0 the port it got.

        Raises :class:`FrameworkError` while the server does not run.
        """
        if self.listening is None:
            raise FrameworkError("The HTTP server is not running, so it has no address.", remedy="Start the App first.")
        return self.listening


def _takes(function: Callable[..., Any], arguments: tuple[str, ...]) -> bool:
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    return True
