"""Hooks of the plugin `environment`. State lives in the component."""

from framework import App, hookimpl


class EnvironmentPlugin:
    """Registers what holds the application's worlds."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the component."""
        from fw_environment.worlds import Worlds

        app.register(Worlds)


plugin = EnvironmentPlugin()
