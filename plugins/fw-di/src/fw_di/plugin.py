"""The hooks of `di`."""

from __future__ import annotations

from framework import App, hookimpl


class DiPlugin:
    """Makes dependency-injector what the application injects from."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        from fw_di.container import InjectorContainer
        from fw_di.facade import Injector

        injector = app.facade(Injector)
        injector.used = InjectorContainer(injector)
        app.use_container(injector.used)


plugin = DiPlugin()
