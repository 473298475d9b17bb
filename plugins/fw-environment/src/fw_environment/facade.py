"""`app.environment`: worlds that live as long as the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from framework import App, Facade

if TYPE_CHECKING:
    from fw_environment.environment import Environment

MakeWorld = TypeVar("MakeWorld", bound="Callable[..., Environment | Awaitable[Environment]]")


class Environments(Facade):
    """Declares worlds. They are made when the application starts, and make steps on its clock."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.worlds: dict[str, Environment] = {}
        """The worlds that are running, by the names of the functions that made them."""

    def world(self, make: MakeWorld) -> MakeWorld:
        """Run the world that ``make`` gives; its parameters are injected. Use as a decorator.

        Its ``dt`` is a whole multiple of the application's (1 / ``[app] tick_rate``).
        """
        self.declare("world", make)
        return make
