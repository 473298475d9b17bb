"""The hooks of `observability`."""

from __future__ import annotations

from framework import App, hookimpl


class ObservabilityPlugin:
    """Metrics in the Prometheus text format."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        """Nothing yet."""


plugin = ObservabilityPlugin()
