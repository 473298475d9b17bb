"""Hooks of the plugin `cli`. All it brings are the commands that its manifest names, which run in any mode."""

from framework import App, hookimpl


class CliPlugin:
    """Changes nothing in an application."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute nothing."""


plugin = CliPlugin()
