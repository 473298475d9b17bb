# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""All seven hooks."""

from collections.abc import Awaitable, Callable
from typing import Any

from framework import App, Frame, hookimpl

from .belfry import Belfry, Count, Ring, count
from .facade import Chimes


class ChimesPlugin:
    """Notes each hook in the facade of its App."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        app.facade(Chimes).heard.append("bootstrap")

    @hookimpl
    def register(self, app: App) -> None:
        app.facade(Chimes).heard.append("register")
        app.register(Belfry)
        app.handles(Count)(count)

    @hookimpl
    async def start(self, app: App) -> None:
        app.facade(Chimes).heard.append("start")

    @hookimpl
    async def stop(self, app: App) -> None:
        app.facade(Chimes).heard.append("stop")

    @hookimpl
    def dispatch(self, app: App, message_type: type[Any]) -> Callable[[Any], Awaitable[Any]] | None:
        if message_type is not Ring:
            return None
        app.facade(Chimes).heard.append("dispatch")

        async def ring(message: Ring) -> list[str]:
            return app.container.get(Belfry).ring()

        return ring

    @hookimpl
    def tick(self, app: App, dt: float) -> None:
        app.facade(Chimes).heard.append(f"tick {dt}")

    @hookimpl
    def render(self, app: App, frame: Frame) -> None:
        app.facade(Chimes).heard.append(f"render {frame.number} {frame.alpha}")


plugin = ChimesPlugin()
