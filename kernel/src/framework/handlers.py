"""Handlers by type of message, and the routes that lead to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from framework.container import Container
from framework.errors import BootstrapError, UnhandledCommand
from framework.messages import Command, Event
from framework.results import check_result

Route = Callable[[Any], Coroutine[Any, Any, Any]]
ActingAs = Callable[[str], AbstractContextManager[None]]
Choose = Callable[[type[Any]], Route]


@dataclass(frozen=True)
class Handler:
    """A declared handler: the type it takes, the function, its owner, and the doors it may be reached through.

    ``policy`` is the rule that a door asks the :class:`~framework.policy.Policy` about before it lets a message in.
    """

    message_type: type[Any]
    function: Callable[..., Any]
    owner: str
    expose: frozenset[str] = frozenset()
    policy: str = ""


class Handlers:
    """All handlers of an App. ``compile`` binds them to a container at bootstrap; later ones are bound at once.

    ``routes`` are those chosen so far, by type of message; always the same dictionary. Handlers of events run inside
    ``acting_as(owner)``.
    """

    def __init__(self, acting_as: ActingAs) -> None:
        self._acting_as = acting_as
        self._declared: list[Handler] = []
        self._binding: tuple[Container, Collection[str], Choose] | None = None
        self.routes: dict[type[Any], Route] = {}
        self._commands: dict[type[Any], Route] = {}
        self._events: list[tuple[Handler, Route]] = []
        self._by_type: dict[type[Any], list[tuple[Handler, Route]]] = {}

    def add(self, handler: Handler) -> None:
        """Declare. Raises :class:`BootstrapError` if the type is no message or a command has a handler already."""
        kind = handler.message_type
        if not (inspect.isclass(kind) and issubclass(kind, Command | Event)):
            raise BootstrapError(
                f"{kind!r} is not a type of message.",
                remedy="Derive it from framework.Command[Result] or framework.Event.",
            )
        if issubclass(kind, Command):
            for other in self._declared:
                if other.message_type is kind:
                    raise BootstrapError(
                        f"Command {kind.__name__} has two handlers: {other.function.__qualname__} of {other.owner} and "
                        f"{handler.function.__qualname__} of {handler.owner}.",
                        remedy="A command has exactly one handler; make it an Event if many should hear of it.",
                    )
            check_result(kind, handler.function, handler.owner)
        self._declared.append(handler)
        if self._binding:
            self.compile(*self._binding)

    def keep(self, owner: str) -> None:
        """Forget what others than ``owner`` declared."""
        self._declared = [handler for handler in self._declared if handler.owner == owner]
        self._binding = None

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._declared)

    def compile(self, container: Container, owners: Collection[str], choose: Choose) -> None:
        """Make a route for every handler, and forget the routes chosen before.

        Events reach their handlers in the order of ``owners``; ``choose`` gives the route of a type of message.
        """
        rank = {owner: number for number, owner in enumerate(owners)}
        self._binding = (container, owners, choose)
        self.routes.clear()
        self._commands, self._events, self._by_type = {}, [], {}
        ordered = sorted(self._declared, key=lambda h: rank.get(h.owner, len(rank)))
        for handler, route in [(handler, _route(handler, container)) for handler in ordered]:
            if issubclass(handler.message_type, Command):
                self._commands[handler.message_type] = route
            else:
                self._events.append((handler, self._owned(handler.owner, in_scope(route, container, "event"))))

    def _owned(self, owner: str, route: Route) -> Route:
        """``route``, with ``owner`` as the one who acts, whoever published."""

        async def owned_route(message: Any) -> Any:
            with self._acting_as(owner):
                return await route(message)

        return owned_route

    def route(self, message_type: type[Any]) -> Route:
        """The way of a message, chosen once for each type until registrations change."""
        found = self.routes.get(message_type)
        if found is None:
            if self._binding is None:
                raise BootstrapError("The handlers are not compiled.", remedy="Call app.bootstrap() first.")
            found = self.routes[message_type] = self._binding[2](message_type)
        return found

    def declared_route(self, message_type: type[Any]) -> Route:
        """The declared handler of a command, or one that raises :class:`UnhandledCommand`; all those of an event."""
        if issubclass(message_type, Event):
            return self._publish
        return self._commands.get(message_type) or self._unhandled

    async def _unhandled(self, message: Any) -> Any:
        kind = type(message)
        near = near_misses(kind, self._commands)
        raise UnhandledCommand(
            f"No handler takes {kind.__name__}.",
            remedy=f"Near misses: {', '.join(near)}." if near else f"Declare one with @app.handles({kind.__name__}).",
        )

    async def _publish(self, event: Any) -> None:
        """Run every handler of the event's type and base types.

        Raises an ExceptionGroup of what failed, after all ran.
        """
        failures: list[Exception] = []
        hearing = self.hearing(type(event))
        for _, route in hearing:
            try:
                await route(event)
            except Exception as error:  # noqa: BLE001 - all handlers run; what failed is told together
                failures.append(error)
        if failures:
            counts = f"{len(failures)} of {len(hearing)}"
            raise ExceptionGroup(f"{counts} handlers of {type(event).__name__} failed", failures)

    def hearing(self, kind: type[Any]) -> list[tuple[Handler, Route]]:
        """The handlers that an event of exactly this type reaches."""
        found = self._by_type.get(kind)
        if found is None:
            found = self._by_type[kind] = [pair for pair in self._events if issubclass(kind, pair[0].message_type)]
        return found


def near_misses(kind: type[Any], known: Collection[type[Any]]) -> list[str]:
    """Names of the types that may have been meant: relatives, then like-named ones, at most three."""
    from difflib import get_close_matches

    related = [other for other in known if issubclass(kind, other) or issubclass(other, kind)]
    like = get_close_matches(kind.__name__, [other.__name__ for other in known], 3)
    near = [*related, *(other for name in like for other in known if other.__name__ == name)]
    return [
        f"{other.__module__}.{other.__qualname__}" if other.__name__ == kind.__name__ else other.__name__
        for other in dict.fromkeys(near)
    ][:3]


def _route(handler: Handler, container: Container) -> Route:
    """An async function of the message alone: the first parameter gets it, the others are injected."""
    function = handler.function
    parameters = list(inspect.signature(function).parameters)
    first = parameters[0] if parameters else None
    call = container.compile(function, given=[first] if first else [])
    if call is function and first and inspect.iscoroutinefunction(function):
        return function

    async def route(message: Any) -> Any:
        result = call(message) if first else call()
        return await result if inspect.isawaitable(result) else result

    return route


def in_scope(route: Route, container: Container, name: str) -> Route:
    """``route`` inside the open scope, or else one of its own; bare where nothing in the application is scoped."""
    if not container.uses_scopes:
        return route

    async def route_in_scope(message: Any) -> Any:
        if container.open_scope() is not None:
            return await route(message)
        async with container.scope(name):
            return await route(message)

    return route_in_scope
