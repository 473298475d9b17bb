"""`Http`: what users see as ``app.http``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from framework import Facade, FrameworkError
from fw_http.routing import Routing, check_middleware

if TYPE_CHECKING:
    from fw_http.testing import TestClient

Middleware = TypeVar("Middleware", bound=Callable[..., Any])
MIDDLEWARE = "middleware"


class Http(Facade, Routing):
    """Declares routes; the server acts on them when the application is ready."""

    listening: str | None = None
    """Where the server listens, told by the server itself; None while it does not run."""

    def add_middleware(self, middleware: Middleware) -> Middleware:
        """Let ``middleware`` stand around every handler, and around the answer where nothing is served.

        It is an ``async def middleware(request, handler)`` that returns ``await handler(request)`` or a response of its
        own, or a class with such a ``__call__``, whose constructor parameters are injected. The first one declared is
        outermost; those of plugins stand around the application's. Gives it back, so it decorates too.
        """
        check_middleware(middleware)
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

    def test_client(self, **options: Any) -> TestClient:
        """A client for tests: ``async with app.test_client() as client:``.

        It starts the App on a free port of this machine, unless it runs already. ``options`` are those of
        ``App.bootstrap``.
        """
        from fw_http.testing import TestClient

        return TestClient(self.app, **options)
