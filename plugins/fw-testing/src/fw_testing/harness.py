"""`app_with` and `EventRecorder`: an App with chosen plugins, on free ports, and what happened in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, cast

from framework import App, Event
from framework.discovery import Plugin, given, installed, resolve
from framework.graph import closure

E = TypeVar("E", bound=Event)


def app_with(
    *plugins: Any,
    defaults: Mapping[str, Mapping[str, Any]] | None = None,
    overrides: Mapping[Any, Any] | None = None,
    name: str = "test",
) -> App:
    """An App of exactly these plugins (names, hooks objects, :class:`Neighbour`) and what they require.

    Every setting named ``port`` is 0, any free one, unless ``defaults`` say otherwise. ``overrides`` stand in for what
    the container would give, as in :meth:`framework.App.override`, as long as the App lives. Use ``async with``.
    """
    app = _AppWith(name, plugins=plugins, defaults=merged(free_ports(plugins), defaults or {}))
    app.keep(overrides or {})
    return app


class _AppWith(App):
    """An App that holds the overrides it was made with."""

    def keep(self, overrides: Mapping[Any, Any]) -> None:
        self._overriding = ExitStack()
        for wanted, replacement in overrides.items():
            self._overriding.enter_context(self.override(wanted, replacement))


def free_ports(plugins: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """``{section: {"port": 0}}`` for each of the plugins, and of those they require, that has such a setting."""
    chosen = [given(plugin) for plugin in plugins if not isinstance(plugin, str)]
    names = [plugin for plugin in plugins if isinstance(plugin, str)]
    known = {plugin.name: plugin for plugin in [*installed(), *chosen]}
    providers = {offer: plugin.name for plugin in known.values() for offer in plugin.manifest.provides}
    needs = {
        plugin.name: [need if need in known else providers.get(need, need) for need in plugin.manifest.requires]
        for plugin in known.values()
    }
    wanted = closure([*names, *(plugin.name for plugin in chosen)], needs)
    return {name: {"port": 0} for name in wanted if name in known and _has_port(known[name])}


def _has_port(plugin: Plugin) -> bool:
    schema = resolve(plugin.manifest.config) if plugin.manifest.config else None
    return is_dataclass(schema) and "port" in {field.name for field in fields(schema)}


def merged(low: Mapping[str, Mapping[str, Any]], high: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Two mappings of sections as one; where both set a key, ``high`` counts."""
    return {section: {**low.get(section, {}), **high.get(section, {})} for section in {**low, **high}}


class EventRecorder:
    """Every event that an App publishes, its own (AppStarting, AppReady, …) included, in order.

    Make it before the App starts.
    """

    def __init__(self, app: App) -> None:
        self.events: list[Event] = []
        self._waiting: list[tuple[Callable[[Event], bool], asyncio.Future[Event]]] = []
        app.handles(Event)(self._note)

    def _note(self, event: Event) -> None:
        self.events.append(event)
        for wanted, future in self._waiting:
            if not future.done() and wanted(event):
                future.set_result(event)
        self._waiting = [pair for pair in self._waiting if not pair[1].done()]

    def of(self, kind: type[E]) -> list[E]:
        """The events of a type and those derived from it."""
        return [event for event in self.events if isinstance(event, kind)]

    async def next(self, kind: type[E], *, timeout: float = 10.0) -> E:
        """The next event of a type that is published from now on; TimeoutError names the type and what came instead."""
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        before = len(self.events)
        self._waiting.append((lambda event: isinstance(event, kind), future))
        try:
            async with asyncio.timeout(timeout):
                return cast(E, await future)
        except TimeoutError:
            seen = ", ".join(type(event).__name__ for event in self.events[before:]) or "nothing"
            raise TimeoutError(f"No {kind.__name__} within {timeout:g} s; published meanwhile: {seen}.") from None
