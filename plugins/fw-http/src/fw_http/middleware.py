"""From declared middlewares to aiohttp's: classes are built by the container, once for each time the door opens."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from framework import App

AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Middlewares:
    """Makes them. A class declared twice has one instance."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._instances: dict[type[Any], Any] = {}

    async def made(self, item: Any, place: str, *, checked: bool = True) -> Middleware:
        """The middleware of a declared item, held to giving back a response if ``checked``.

        Raises :class:`BootstrapError` for a constructor that cannot be filled.
        """
        if isinstance(item, type):
            if item not in self._instances:
                self._instances[item] = await self._instance(item)
            item = self._instances[item]
        return _answering(item, place) if checked else cast(Middleware, item)

    async def _instance(self, kind: type[Any]) -> Any:
        if self._app.container.provider(kind) is not None:
            return await self._app.container.resolve(kind)  # a component that is a middleware, too
        made = self._app.compile(kind)()
        return await made if inspect.isawaitable(made) else made

    async def around(self, handler: AioHandler, items: Sequence[Any], place: str) -> AioHandler:
        """``handler`` with middlewares around it, the first one outermost."""
        for item in reversed(items):
            # Not _bound(): aiohttp asks of the handler of a route whether it is a coroutine function.
            handler = partial(await self.made(item, place), handler=handler)
        return handler


def put_around(handler: AioHandler, middlewares: Sequence[Middleware]) -> AioHandler:
    """``handler`` with middlewares around it, the first one outermost."""
    for middleware in reversed(middlewares):
        handler = _bound(middleware, handler)
    return handler


def _bound(middleware: Middleware, handler: AioHandler) -> AioHandler:
    return lambda request: middleware(request, handler)


def _answering(middleware: Any, place: str) -> Middleware:
    """The middleware, held to giving back a response: forgetting ``return`` is the usual slip."""

    @web.middleware
    async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await middleware(request, handler)
        if type(answer) is not web.Response and not isinstance(answer, web.StreamResponse):
            raise TypeError(
                f"The middleware declared at {place} returned {answer!r}, which is no response: "
                "let it return what `await handler(request)` gives, or a response of its own."
            )
        return answer

    return answering
