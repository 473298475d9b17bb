"""`app.behavior`: trees that live as long as the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from framework import Facade

if TYPE_CHECKING:
    from fw_behavior.tree import BehaviorTree

MakeTree = TypeVar("MakeTree", bound="Callable[..., BehaviorTree]")


class Behavior(Facade):
    """Declares trees. They run event-driven from `AppReady` until the application stops."""

    def tree(self, make: MakeTree) -> MakeTree:
        """Run the tree that ``make`` gives; its parameters are injected. Use as a decorator."""
        self.declare("tree", make)
        return make
