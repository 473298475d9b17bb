"""`Http`: what users see as ``app.http``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from framework import Facade, FrameworkError
from fw_http.routing import Routing, check_middleware

if TYPE_CHECKING:
    from fw_http.refusal import Refusal
    from fw_http.testing import TestClient

Middleware = TypeVar("Middleware", bound=Callable[..., Any])
Watch = TypeVar("Watch", bound="Callable[[Refusal], None]")
MIDDLEWARE = "middleware"
WATCH = "refusals"


@dataclass(frozen=True)
class Around:
    """A declared middleware, and whether what it returns is looked at."""

    middleware: Any
    checked: bool


class Http(Facade, Routing):
    """Declares routes; the server acts on them when the application is ready."""

    listening: str | None = None
    """Where the server listens, told by the server itself; None while it does not run."""

    def add_middleware(self, middleware: Middleware, *, checked: bool = True) -> Middleware:
        """Let ``middleware`` stand around every handler, and around the answer where nothing is served.

        It is an ``async def middleware(request, handler)`` that returns ``await handler(request)`` or a response of its
        own, or a class with such a ``__call__``, whose constructor parameters are injected. The first one declared is
        outermost; those of plugins stand around the application's. Gives it back, so it decorates too.

        One that returns no response is named in the log, unless it is not ``checked``: a plugin may vouch for its own,
        which saves every request a step.
        """
        check_middleware(middleware)
        self.declare(MIDDLEWARE, Around(middleware, checked))
        return middleware

    def watch_refusals(self, watch: Watch) -> Watch:
        """Let ``watch`` be called with a :class:`Refusal` for every request that is refused before any middleware.

        On the loop, after the answer is decided. What it raises is logged.
        """
        self.declare(WATCH, watch)
        return watch

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
