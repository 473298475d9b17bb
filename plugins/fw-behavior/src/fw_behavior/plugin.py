"""Hooks of the plugin `behavior`. State lives in the component."""

from framework import App, AppReady, BootstrapError, hookimpl


class BehaviorPlugin:
    """Registers what runs the declared trees, and the page that shows them; without trees it does nothing."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the component, and the page where a path for it is set."""
        from fw_behavior.config import BehaviorSettings
        from fw_behavior.minds import Minds, wake

        app.register(Minds)
        app.handles(AppReady)(wake)
        settings = app.config.get(BehaviorSettings)
        if not settings.page:
            return
        if all(plugin.name != "http" for plugin in app.plugins):
            raise BootstrapError(
                f"[behavior] page = {settings.page!r} cannot be served: the plugin http is off or not installed.",
                remedy="Install fw-behavior[page] and switch http on, or take the setting out.",
            )
        from fw_behavior.live import serve_page

        serve_page(app, settings.page)


plugin = BehaviorPlugin()
