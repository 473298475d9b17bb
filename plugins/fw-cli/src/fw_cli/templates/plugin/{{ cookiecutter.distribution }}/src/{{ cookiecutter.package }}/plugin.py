"""The hooks of `{{ cookiecutter.name }}`: small and without state; what is heavy is imported inside them."""

from __future__ import annotations

from framework import App, hookimpl


class {{ cookiecutter.class }}Plugin:
    """Registers the component and what it does when the application is ready."""

    @hookimpl
    def register(self, app: App) -> None:
        from {{ cookiecutter.package }}.greeter import Greeter, greet_all

        app.register(Greeter)
        app.on_ready(greet_all)


plugin = {{ cookiecutter.class }}Plugin()
