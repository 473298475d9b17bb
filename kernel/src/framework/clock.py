"""`FixedStep`: the one accumulator that drives `tick` and `render`; `Frame`: what `render` is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from framework.errors import FrameworkError

Pace = Literal["real", "free", "manual"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What ``render`` is told about the moment it draws.

    ``number`` counts frames from 0; ``time`` is simulated seconds; ``alpha`` is 0..1 between the last two steps.
    """

    number: int
    time: float
    alpha: float


def _nothing(_: object) -> None:
    """What draws where nobody does."""


class FixedStep:
    """Makes steps of exactly ``dt`` simulated seconds by calling ``tick(dt)``, and draws by ``render(frame)``.

    ``pace`` says when steps are due: ``real`` makes those that fit into the real time elapsed times ``scale``; ``free``
    makes one for each :meth:`advance`, however little time has passed; ``manual`` makes only those of :meth:`step`.
    At most ``catch_up`` steps are made for one advance; time beyond that is dropped, so that a slow step cannot pile
    up ever more of them. While ``paused`` no step is due, whatever the pace; :meth:`step` works all the same.
    """

    def __init__(
        self,
        rate: float,
        tick: Callable[[float], Any],
        render: Callable[[Frame], Any] = _nothing,
        *,
        catch_up: int = 5,
        pace: Pace = "real",
        scale: float = 1.0,
    ) -> None:
        self.dt = 1.0 / rate
        self.steps = 0
        self.frames = 0
        self.pace = pace
        self.paused = False
        self.scale = scale
        self._tick = tick
        self._render = render
        self._catch_up = catch_up
        self._rest = 0.0
        self._stepping = False

    @property
    def scale(self) -> float:
        """Simulated seconds for each real one; greater than 0."""
        return self._scale

    @scale.setter
    def scale(self, value: float) -> None:
        if not value > 0:
            raise FrameworkError(f"The time scale must be greater than 0, not {value}.", remedy="Set paused = True.")
        self._scale = value

    def advance(self, elapsed: float) -> Frame:
        """Make the steps that are due after ``elapsed`` more real seconds, and draw; the frame drawn."""
        if not self.paused and self.pace == "real":
            self._rest = min(self._rest + elapsed * self._scale, self._catch_up * self.dt)
            while self._rest >= self.dt and not self.paused:
                self._rest -= self.dt
                self._step()
        elif not self.paused and self.pace == "free":
            self._step()
        return self._draw()

    def step(self, count: int = 1) -> Frame:
        """Make ``count`` steps now, and draw once; the frame drawn. Not from inside a step."""
        for _ in range(count):
            self._step()
        return self._draw()

    def _step(self) -> None:
        if self._stepping:
            raise FrameworkError("A step was asked for inside a step.", remedy="Ask for it outside `tick`.")
        self._stepping = True
        try:
            self._tick(self.dt)
            self.steps += 1
        finally:
            self._stepping = False

    def _draw(self) -> Frame:
        # A pause in the middle of catching up can leave more than a whole step.
        rest = min(self._rest, self.dt)
        frame = Frame(self.frames, self.steps * self.dt + rest, rest / self.dt)
        self._render(frame)
        self.frames += 1
        return frame

    @property
    def until_next(self) -> float:
        """Real seconds until the next advance is due: the next step, or, where none will come, the next frame."""
        if self.paused or self.pace == "manual":
            return self.dt
        return 0.0 if self.pace == "free" else max(self.dt - self._rest, 0.0) / self._scale
