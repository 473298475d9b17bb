"""Hooks of the plugin `behavior`. State lives in the component."""

from framework import App, AppReady, hookimpl


class BehaviorPlugin:
    """Registers what runs the declared trees; without any it does nothing."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the component."""
        from fw_behavior.minds import Minds, wake

        app.register(Minds)
        app.handles(AppReady)(wake)


plugin = BehaviorPlugin()
