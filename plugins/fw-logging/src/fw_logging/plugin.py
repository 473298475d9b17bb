"""The hooks of `logging`."""

from __future__ import annotations

from weakref import finalize

from framework import App, hookimpl


class LoggingPlugin:
    """Opens the log before any other plugin acts, and closes it when all that could write is gone."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        from fw_logging.opening import closed, learn, opened

        pipeline = opened(app)
        # Called at the end, or when the App is forgotten, or when the process exits: whatever comes first, once.
        app.at_end(finalize(app, closed, pipeline))
        learn(app, pipeline)

    @hookimpl
    def register(self, app: App) -> None:
        from fw_logging.facade import Logging
        from fw_logging.opening import hide, learn, serve

        pipeline = app.facade(Logging).pipeline
        assert pipeline is not None  # noqa: S101 - bootstrap came before
        if any(plugin.name == "http" for plugin in app.plugins):
            serve(app, pipeline)
        # Sections of the application and sinks of other plugins are known by now.
        app.on_start(lambda: learn(app, pipeline))
        app.config.follow(lambda: hide(app, pipeline))  # a reload may bring new ones


plugin = LoggingPlugin()
