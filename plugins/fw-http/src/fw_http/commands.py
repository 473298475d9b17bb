"""Commands that are exposed to the door ``http``: each is a route, ``POST /commands/NAME``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from framework import App, BootstrapError, Command, Forbidden, Policy
from framework.handlers import Handler
from framework.results import result_type
from fw_http.problem import Problem
from fw_http.route import Route

PREFIX = "/commands"


def command_routes(app: App) -> list[tuple[Route, Handler]]:
    """The routes. Raises :class:`BootstrapError` for a message that cannot be let in over HTTP, and for two of a name.

    The policies that handlers declare are asked by what each route calls.
    """
    found: dict[str, tuple[Route, Handler]] = {}
    for handler in app.exposed("http"):
        kind = handler.message_type
        if not issubclass(kind, Command):
            raise BootstrapError(
                f"{kind.__name__} is exposed to http, and is no Command.",
                remedy="Only commands have an answer; let a command publish the event.",
            )
        path = f"{PREFIX}/{kind.__name__}"
        if path in found:
            raise BootstrapError(
                f"Two commands named {kind.__name__} are exposed to http, of {found[path][1].message_type.__module__} "
                f"and of {kind.__module__}.",
                remedy="Rename one: the name is the path.",
            )
        found[path] = Route(path, ("POST",), _sender(app, handler), tags=("commands",)), handler
    return list(found.values())


def _sender(app: App, handler: Handler) -> Callable[..., Any]:
    """A handler whose body is the command and whose result is the command's."""

    async def send(body: Any, request: web.Request) -> Any:
        if handler.policy:
            policy = await app.container.resolve(Policy)
            try:
                await policy.check(handler.policy, body, request)
            except Forbidden as error:
                raise Problem(403, "This is not allowed.") from error
        return await app.dispatch(body)

    kind = handler.message_type
    send.__annotations__ |= {"body": kind, "return": result_type(kind)}
    send.__name__ = send.__qualname__ = kind.__name__
    send.__doc__ = kind.__doc__ if not (kind.__doc__ or "").startswith(f"{kind.__name__}(") else None
    return send
