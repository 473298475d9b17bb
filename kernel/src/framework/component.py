"""`Component`: an object with a life."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar


class Component:
    """Base class of what an application is made of.

    The parameters of the constructor are its dependencies, found by annotation; it is built just before it starts,
    after everything it depends on has started, and stopped before any of it.
    """

    modes: ClassVar[frozenset[str]] = frozenset()
    """Modes in which the component takes part; empty means all."""

    def start(self) -> Awaitable[None] | None:
        """Acquire what the component needs; sync or async. If it raises, it has cleaned up: ``stop`` is not called."""
        return None

    def stop(self) -> Awaitable[None] | None:
        """Release it again; sync or async. Called once, only after a ``start`` that succeeded."""
        return None

    def health(self) -> Awaitable[str | None] | str | None:
        """What is wrong with the component, in words; None if nothing is. Sync or async; raising counts as ill.

        Asked from time to time while the application runs, so it answers soon and changes nothing.
        """
        return None
