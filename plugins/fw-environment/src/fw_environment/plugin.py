"""Hooks of the plugin `environment`. State lives in the component."""

from framework import App, hookimpl
from framework.clock import Frame


class EnvironmentPlugin:
    """Steps and draws the declared worlds; without any it does nothing."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the component."""
        from fw_environment.worlds import Worlds

        app.register(Worlds)

    @hookimpl
    def tick(self, app: App) -> None:
        """Step the worlds that are due."""
        from fw_environment.worlds import Worlds

        app.container.get(Worlds).tick()

    @hookimpl
    def render(self, app: App, frame: Frame) -> None:
        """Draw the worlds."""
        from fw_environment.worlds import Worlds

        app.container.get(Worlds).render(frame)


plugin = EnvironmentPlugin()
