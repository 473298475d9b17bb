"""The hooks of `di`."""

from __future__ import annotations

from framework import App, hookimpl


class DiPlugin:
    """dependency-injector as the container."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        """Nothing yet."""


plugin = DiPlugin()
