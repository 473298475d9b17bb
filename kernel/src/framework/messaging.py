"""`Messaging`: the half of an App that carries messages while it runs."""

from __future__ import annotations

from _thread import get_ident  # threading is not imported before it must be
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from framework.assembled import Assembled
from framework.errors import FrameworkError
from framework.messages import Command, Event

if TYPE_CHECKING:
    import asyncio

    from framework.handlers import Route
    from framework.inputs import Sources
    from framework.loop import Loop

R = TypeVar("R")


class Messaging(Assembled):
    """Sends commands and events to their handlers; all but :meth:`dispatch_from_thread` on the App's own loop."""

    def __init__(self, name: str, sources: Sources) -> None:
        super().__init__(sources)
        self.name = name
        self._loop: Loop | None = None

    @property
    def _running(self) -> Loop:
        if self._loop is None:
            raise FrameworkError(
                f"App {self.name!r} is not running.", remedy="Start it first, or use `async with app:`."
            )
        return self._loop

    def dispatch(self, message: Command[R], *, new_scope: bool = False) -> Coroutine[Any, Any, R]:
        """Send a command to its handler and give back the result: ``await app.dispatch(...)``.

        Called anywhere but on the App's own thread it raises :class:`FrameworkError` at once. The command joins the
        open scope, if there is one and not ``new_scope``; else it gets a scope of its own.
        """
        # No coroutine of its own around that of the route: it would cost more than all the rest.
        loop = self._loop or self._running
        if get_ident() != loop.thread:
            loop.check()
        try:
            route = loop.routes[type(message)]
        except KeyError:
            route = loop.route(type(message))
        if new_scope:
            return self._in_new_scope(route, message)
        result: Coroutine[Any, Any, R] = route(message)
        return result

    async def _in_new_scope(self, route: Route, message: Command[R]) -> R:
        async with self.scope("command"):
            return cast(R, await route(message))

    async def publish(self, event: Event) -> None:
        """Run all handlers of an event; raises an ExceptionGroup of what failed, after all ran."""
        loop = self._running
        loop.check()
        await loop.route(type(event))(event)

    def post(self, message: Command[R] | Event) -> asyncio.Task[R]:
        """Send a message from sync code on the App's loop (``tick``, a slot of a user interface).

        Returns at once; the task may be asked for the result later. A failure is logged.
        """
        self._running.check()
        return self._running.mailbox.post(message)

    def dispatch_from_thread(self, message: Command[R], *, timeout: float | None = None) -> R:
        """Send a command from another thread and wait for the result, ``timeout`` seconds at most.

        Raises what the handler raises, TimeoutError (the handler is cancelled then), or :class:`FrameworkError` if
        the application stops before there is a result.
        """
        return cast(R, self._running.ask(message, timeout))
