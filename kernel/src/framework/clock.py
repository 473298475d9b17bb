"""`FixedStep`: the one accumulator that drives `tick` and `render`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from framework.frame import Frame


class FixedStep:
    """Turns elapsed real seconds into whole steps of ``dt`` seconds.

    At most ``catch_up`` steps are made for one advance; time beyond that is dropped, so that a slow step cannot pile
    up ever more of them.
    """

    def __init__(self, rate: float, *, catch_up: int = 5) -> None:
        self.dt = 1.0 / rate
        self.steps = 0
        self.frames = 0
        self._catch_up = catch_up
        self._rest = 0.0

    def advance(self, elapsed: float, tick: Callable[[float], Any]) -> Frame:
        """Make the steps that are due after ``elapsed`` more seconds; the frame to draw then."""
        self._rest = min(self._rest + elapsed, self._catch_up * self.dt)
        while self._rest >= self.dt:
            self._rest -= self.dt
            self.steps += 1
            tick(self.dt)
        frame = Frame(self.frames, self.steps * self.dt + self._rest, self._rest / self.dt)
        self.frames += 1
        return frame

    @property
    def until_next(self) -> float:
        """Seconds until the next step is due."""
        return self.dt - self._rest
