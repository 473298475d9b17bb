"""`SimulatedLoop`: an event loop that never waits: time moves to the next timer when nothing is left to do."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

STEP = 1e-6
"""Seconds by which time moves past a timer, so that rounding never leaves it short of it."""


class Deadlock(RuntimeError):
    """Nothing is left to do, and no timer will ever go off."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Begins at 0. The same program takes the same course in it, as long as it uses no threads and no sockets."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        """Virtual seconds."""
        return self.now


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        happened: list[Any] = super().select(0)
        if not happened and timeout is None:
            raise Deadlock("Everybody waits, and nothing will happen any more.")
        if not happened and timeout and timeout > 0:
            self._loop.now += timeout + STEP
        return happened
