"""`{{ cookiecutter.class }}`: what users see as ``app.{{ cookiecutter.facade }}``."""

from __future__ import annotations

from framework import Facade

GUEST = "guest"


class {{ cookiecutter.class }}(Facade):
    """Records whom to greet; starts nothing, so it may be used while the application's module is imported."""

    def guest(self, name: str) -> None:
        """Greet ``name`` when the application is ready."""
        self.declare(GUEST, name)
