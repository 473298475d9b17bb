"""`Http`: what users see as ``app.http``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from framework import BootstrapError, Facade, FrameworkError

Fn = TypeVar("Fn", bound=Callable[..., Any])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ROUTE = "route"


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

    @property
    def url(self) -> str:
        """Where the running server listens, such as ``http://127.0.0.1:8000``; for port 0 the port it got.

        Raises :class:`FrameworkError` while the server does not run.
        """
        if self.listening is None:
            raise FrameworkError("The HTTP server is not running, so it has no address.", remedy="Start the App first.")
        return self.listening
