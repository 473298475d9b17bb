"""Handlers by type of message, and the routes that lead to them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from framework.container import Container
from framework.errors import BootstrapError, UnhandledCommand
from framework.messages import Command, Event

Route = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True)
class Handler:
    """A declared handler: the type it takes, the function, its owner, and the doors it may be reached through."""

    message_type: type[Any]
    function: Callable[..., Any]
    owner: str
    expose: frozenset[str] = frozenset()


class Handlers:
    """All handlers of an App. ``compile`` binds them to a container at bootstrap."""

    def __init__(self) -> None:
        self._declared: list[Handler] = []
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
        self._declared.append(handler)

    def keep(self, owner: str) -> None:
        """Forget what others than ``owner`` declared."""
        self._declared = [handler for handler in self._declared if handler.owner == owner]

    def exposed(self, door: str) -> list[Handler]:
        """The handlers that may be reached through a door."""
        return [handler for handler in self._declared if door in handler.expose]

    def compile(self, container: Container, owners: Collection[str]) -> None:
        """Make a route for every handler. Events reach their handlers in the order of ``owners``."""
        rank = {owner: number for number, owner in enumerate(owners)}
        self._commands, self._events, self._by_type = {}, [], {}
        for handler in sorted(self._declared, key=lambda h: rank.get(h.owner, len(rank))):
            route = _route(handler, container)
            if issubclass(handler.message_type, Command):
                self._commands[handler.message_type] = route
            else:
                self._events.append((handler, route))

    def command_route(self, message_type: type[Any]) -> Route:
        """The declared handler of a command, or one that raises :class:`UnhandledCommand`."""
        return self._commands.get(message_type) or self._unhandled

    async def _unhandled(self, message: Any) -> Any:
        name = type(message).__name__
        near = get_close_matches(name, [known.__name__ for known in self._commands], 3)
        raise UnhandledCommand(
            f"No handler takes {name}.",
            remedy=f"Near misses: {', '.join(near)}." if near else f"Declare one with @app.handles({name}).",
        )

    async def publish(self, event: Any) -> None:
        """Run every handler of the event's type and base types.

        Raises an ExceptionGroup of what failed, after all ran.
        """
        failures = await self.deliver(event)
        if failures:
            kind = type(event)
            counts = f"{len(failures)} of {len(self._hearing(kind))}"
            raise ExceptionGroup(f"{counts} handlers of {kind.__name__} failed", [error for _, error in failures])

    async def deliver(self, event: Any, *, backwards: bool = False) -> list[tuple[Handler, Exception]]:
        """Run every handler of the event's type and base types; those that failed, with what they raised."""
        failures: list[tuple[Handler, Exception]] = []
        hearing = self._hearing(type(event))
        for handler, route in reversed(hearing) if backwards else hearing:
            try:
                await route(event)
            except Exception as error:  # noqa: BLE001 - all handlers run; what failed is told together
                failures.append((handler, error))
        return failures

    def _hearing(self, kind: type[Any]) -> list[tuple[Handler, Route]]:
        """The handlers that an event of exactly this type reaches."""
        found = self._by_type.get(kind)
        if found is None:
            found = self._by_type[kind] = [pair for pair in self._events if issubclass(kind, pair[0].message_type)]
        return found


def _route(handler: Handler, container: Container) -> Route:
    """An async function of the message alone: the first parameter gets it, the others are injected."""
    parameters = list(inspect.signature(handler.function).parameters)
    first = parameters[0] if parameters else None
    call = container.compile(handler.function, given=[first] if first else [])

    async def route(message: Any) -> Any:
        result = call(message) if first else call()
        return await result if inspect.isawaitable(result) else result

    return route
