"""`Action`: what a controller wants of a pawn; `ActionHandle`: what has become of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.pawn import Pawn

Apply = Callable[[Any, Any, float], bool | None]


@dataclass(frozen=True, slots=True)
class Action:
    """What a pawn should do: the name of an effector, a value of its space, and for how many seconds.

    Without a duration it lasts one step; with `math.inf`, until the effector says that it is done.
    """

    name: str
    params: Any = None
    duration: float = 0.0


class ActionStatus(IntEnum):
    """Where an action stands. The first three have the numbers of FAILURE, SUCCESS and RUNNING of a behaviour tree: a
    leaf may give them.
    """

    FAILED = 0
    DONE = 1
    RUNNING = 2
    CANCELLED = 5


class ActionHandle:
    """A running or ended action. ``ticks`` counts the steps that it has had, of ``total``."""

    __slots__ = ("_apply", "_waiting", "action", "pawn", "status", "ticks", "total")

    def __init__(self, action: Action, pawn: Pawn, apply: Apply, dt: float) -> None:
        self.action = action
        self.pawn = pawn
        self.status = ActionStatus.RUNNING
        self.ticks = 0
        # A duration of exactly three steps must not become four by rounding.
        steps = action.duration / dt - 1e-9
        self.total = max(1.0, math.ceil(steps)) if math.isfinite(steps) else math.inf
        self._apply = apply
        self._waiting: list[asyncio.Future[ActionStatus]] = []

    def __repr__(self) -> str:
        return f"ActionHandle({self.action.name!r}, {self.status.name.lower()}, {self.ticks}/{self.total:g})"

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status is ActionStatus.RUNNING

    @property
    def progress(self) -> float:
        """0..1 of its duration; 1 when it is done."""
        return 1.0 if self.status is ActionStatus.DONE else self.ticks / self.total

    def advance(self, dt: float) -> None:
        """One step of it. The effector ends it by giving True (done) or False (failed); None lets it go on."""
        if self.status is not ActionStatus.RUNNING:
            return
        result = self._apply(self.pawn, self.action.params, dt)
        self.ticks += 1
        if result is not None:
            self.end(ActionStatus.DONE if result else ActionStatus.FAILED)
        elif self.ticks >= self.total:
            self.end(ActionStatus.DONE)

    def cancel(self) -> None:
        """End it now; nothing happens where it has ended."""
        self.end(ActionStatus.CANCELLED)

    def end(self, status: ActionStatus) -> None:
        """Set the status and wake who awaits it, unless it has ended before."""
        if self.status is ActionStatus.RUNNING:
            self.status = status
            for future in self._waiting:
                if not future.done():
                    future.set_result(status)
            self._waiting.clear()

    def __await__(self) -> Generator[Any, None, ActionStatus]:
        """Wait until it has ended; the status. Somebody else makes the steps meanwhile, on the same event loop."""
        if not self.running:
            return self.status
        future: asyncio.Future[ActionStatus] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return (yield from future.__await__())
