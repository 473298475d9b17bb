"""The hooks of `config`."""

from __future__ import annotations

from framework import App, hookimpl


class ConfigPlugin:
    """Adds sources to the configuration and checks what the kernel does not know; reloads it if asked to."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        from fw_config.checking import check
        from fw_config.sources import layers

        app.config.check_with(check)
        app.config.add(layers)

    @hookimpl
    def register(self, app: App) -> None:
        from fw_config.config import ConfigSettings
        from fw_config.reloading import Reloading

        app.provide(Reloading, lambda: Reloading(app))
        settings = app.config.get(ConfigSettings)
        if settings.reload or settings.hangup:
            from fw_config.watcher import Watcher, begin_watching, end_watching

            app.register(Watcher)
            app.on_ready(begin_watching)
            app.on_stop(end_watching)


plugin = ConfigPlugin()
