"""`Greeter`: the part with a life. Its constructor's parameters are injected."""

from __future__ import annotations

from framework import AppReady, Component

from {{ cookiecutter.package }}.config import {{ cookiecutter.class }}Settings
from {{ cookiecutter.package }}.facade import GUEST, {{ cookiecutter.class }}


class Greeter(Component):
    """Greets the declared guests. ``said`` is what it has said since it started."""

    def __init__(self, facade: {{ cookiecutter.class }}, settings: {{ cookiecutter.class }}Settings) -> None:
        self._facade = facade
        self._settings = settings
        self.said: list[str] = []

    def start(self) -> None:
        """Begin with a clean slate."""
        self.said.clear()

    def greet(self) -> None:
        """Greet everybody."""
        for guest in self._facade.declared(GUEST):
            self.said.append(f"{self._settings.word}, {guest.item}!")
            print(self.said[-1])


def greet_all(event: AppReady, greeter: Greeter) -> None:
    """Called when everything is up."""
    greeter.greet()
