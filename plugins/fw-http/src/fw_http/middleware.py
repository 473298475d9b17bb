"""From declared middlewares to aiohttp's: classes are built by the container, once for each time the door opens."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from framework import App, Declaration


async def middlewares(app: App, declarations: Sequence[Declaration]) -> list[Middleware]:
    """The middlewares, outermost first. A class declared twice has one instance.

    Raises :class:`BootstrapError` for a constructor that cannot be filled.
    """
    instances: dict[type[Any], Any] = {}
    found = []
    for declaration in declarations:
        item = declaration.item
        if isinstance(item, type):
            if item not in instances:
                instances[item] = await _instance(app, item)
            item = instances[item]
        found.append(_answering(item, declaration))
    return found


async def _instance(app: App, kind: type[Any]) -> Any:
    if app.container.provider(kind) is not None:
        return await app.container.resolve(kind)  # a component that is a middleware, too
    made = app.compile(kind)()
    return await made if inspect.isawaitable(made) else made


def _answering(middleware: Any, declaration: Declaration) -> Middleware:
    """The middleware, held to giving back a response: forgetting ``return`` is the usual slip."""

    @web.middleware
    async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await middleware(request, handler)
        if not isinstance(answer, web.StreamResponse):
            raise TypeError(
                f"The middleware declared at {declaration.place} returned {answer!r}, which is no response: "
                "let it return what `await handler(request)` gives, or a response of its own."
            )
        return answer

    return answering
