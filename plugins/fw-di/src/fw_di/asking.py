"""`Asking`: what lets a dependency-injector provider get an object from the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framework.provider import name_of

if TYPE_CHECKING:
    from framework import App


class Asking:
    """Asks the container of an App for the object of a key; as the ``provides`` of a provider it can be recognised."""

    def __init__(self, app: App, key: Any) -> None:
        self._app = app
        self.key = key

    def __call__(self) -> Any:
        return self._app.container.get(self.key)

    def __repr__(self) -> str:
        return f"app.di.ask({name_of(self.key)})"
