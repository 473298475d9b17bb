"""The seven hooks, in the order in which an application meets them.

A plugin implements any of them with ``from framework import hookimpl``; it may leave out parameters it does not need.
``bootstrap``, ``register``, ``start`` and ``stop`` are called plugin by plugin along the dependency graph;
``dispatch``, ``tick`` and ``render`` follow pluggy's marks (``tryfirst``, ``trylast``, ``wrapper``), and the graph
inside each band.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from framework.app import App
    from framework.clock import Frame

PROJECT: Final = "fw"
API_VERSION: Final = 1
LIFE_HOOKS: Final = ("bootstrap", "register", "start", "stop")
HOT_HOOKS: Final = ("tick", "render")
HOOKS: Final = (*LIFE_HOOKS, "dispatch", *HOT_HOOKS)

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# --- an application is put together ---------------------------------------------------------------------------------


@hookspec
def bootstrap(app: App) -> None:
    """Prepare what registration needs: configuration sources, logging, the container.

    Called once per bootstrap, sync, one plugin at a time, required plugins first. Raising stops the bootstrap.
    """


@hookspec
def register(app: App) -> None:
    """Contribute components, providers, handlers, routes, commands.

    Called once per bootstrap after every ``bootstrap``, sync, one plugin at a time, required plugins first. Raising
    stops the bootstrap. Whatever is registered here belongs to the plugin.
    """


# --- it starts and stops --------------------------------------------------------------------------------------------


@hookspec
def start(app: App) -> Awaitable[None] | None:
    """Start serving. The plugin's own components and all plugins it requires are up.

    Sync or async; an async one is cancelled when ``[app] start_timeout`` ends. One that raises or is cancelled cleans
    up after itself: its ``stop`` is not called.
    """


@hookspec
def stop(app: App) -> Awaitable[None] | None:
    """Undo ``start``. Whatever requires the plugin is down. Called only after a ``start`` that succeeded."""


# --- messages -------------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def dispatch(app: App, message_type: type[Any]) -> Callable[[Any], Coroutine[Any, Any, Any]] | None:
    """Choose the async handler for a type of message: the first result that is not None.

    Called once for each type and then remembered until registrations change. A wrapper gets the chosen handler from
    ``yield`` and returns the handler to use instead.
    """


# --- every frame ----------------------------------------------------------------------------------------------------


@hookspec
def tick(app: App, dt: float) -> None:
    """Advance by one fixed step of ``dt`` seconds. Sync and hot: called ``[app] tick_rate`` times a second."""


@hookspec
def render(app: App, frame: Frame) -> None:
    """Draw. ``frame.alpha`` (0..1) is how far time has moved from the last step towards the next. Sync and hot."""
