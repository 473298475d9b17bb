"""The hooks of `logging`."""

from __future__ import annotations

from framework import App, hookimpl


class LoggingPlugin:
    """Structured logs: JSON and console, correlation ids, redaction."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        """Nothing yet."""


plugin = LoggingPlugin()
