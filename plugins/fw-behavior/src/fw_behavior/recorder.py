"""What happened: counts per node, and the last ticks. Both are off unless a tree is made with them, and then cost
nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fw_behavior.engine import run_of
from fw_behavior.machine import Machine
from fw_behavior.objects import Tick
from fw_behavior.plan import Plan
from fw_behavior.status import IDLE, Status
from fw_behavior.ticking import TickAt


@dataclass(slots=True)
class Count:
    """Of one node: how often it gave what, how long that took with all below it, and at which tick it was last
    asked.
    """

    given: dict[Status, int] = field(default_factory=dict)
    seconds: float = 0.0
    last_tick: int = 0

    @property
    def ticks(self) -> int:
        """How often it was ticked."""
        return sum(self.given.values())


class Statistics:
    """Counts per node, by path."""

    def __init__(self, plan: Plan) -> None:
        self.ticks = 0
        self.counts = {path: Count() for path in plan.paths}


def observed(machine: Machine, statistics: Statistics) -> Tick:
    """The objects engine with every node counted."""
    plan, ticks = machine.plan, dict[int, Tick]()
    for i in reversed(range(len(plan))):
        inner = run_of(machine, i, tuple(ticks[child] for child in plan.children[i]))
        ticks[i] = _counted(inner, statistics.counts[plan.paths[i]], statistics)

    def tick() -> Status:
        statistics.ticks += 1
        return ticks[0]()

    return tick


def _counted(inner: Tick, count: Count, statistics: Statistics, clock: Callable[[], float] = time.perf_counter) -> Tick:
    def tick() -> Status:
        count.last_tick = statistics.ticks
        begun = clock()
        given = inner()
        count.seconds += clock() - begun
        count.given[given] = count.given.get(given, 0) + 1
        return given

    return tick


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick: when it was, which nodes gave something else than before, which keys changed since the tick before, and
    which are gone.
    """

    tick: int
    time: float
    statuses: dict[str, Status]
    values: dict[str, Any]
    gone: frozenset[str] = frozenset()


class Recorder:
    """The last ``size`` ticks as changes; :meth:`at` and :meth:`values_at` put them together."""

    def __init__(self, size: int) -> None:
        self.moments: deque[Moment] = deque()
        self.ticks = 0
        self._size = size
        self._base: dict[str, Status] = {}
        self._values: dict[str, Any] = {}
        self._last: dict[str, Status] = {}
        self._version = 0
        self._heard: list[Callable[[], Any]] = []

    def recorded(self, tick: TickAt, machine: Machine) -> TickAt:
        """``tick``, and then :meth:`take`."""

        def taken(now: float | None = None) -> Status:
            result = tick(now)
            self.take(machine)
            return result

        return taken

    def listen(self, hear: Callable[[], Any]) -> Callable[[], None]:
        """Call ``hear`` after each tick; what is returned ends that."""
        self._heard.append(hear)
        return lambda: self._heard.remove(hear)

    def take(self, machine: Machine) -> None:
        """Add the tick just made."""
        statuses = dict(zip(machine.plan.paths, machine.status, strict=True))
        changed = {path: status for path, status in statuses.items() if self._last.get(path, IDLE) is not status}
        board = machine.board
        since = self._version if board.version >= self._version else 0  # it was restored: anything may be different
        keys = [key for key, version in board.versions.items() if version > since]
        values = {key: board.get(key) for key in keys if key in board}
        self.ticks += 1
        self.moments.append(Moment(self.ticks, board.now, changed, values, frozenset(keys) - values.keys()))
        self._last, self._version = statuses, board.version
        if len(self.moments) > self._size:
            _add(self.moments.popleft(), self._base, self._values)
        for hear in self._heard:
            hear()

    def at(self, tick: int) -> dict[str, Status]:
        """What every node had given last after tick number ``tick``; ticks count from 1."""
        return self._until(tick)[0]

    def values_at(self, tick: int) -> dict[str, Any]:
        """The blackboard after tick number ``tick``. Values are those that were written, not copies of them."""
        return self._until(tick)[1]

    def _until(self, tick: int) -> tuple[dict[str, Status], dict[str, Any]]:
        statuses, values = dict(self._base), dict(self._values)
        for moment in self.moments:
            if moment.tick <= tick:
                _add(moment, statuses, values)
        return statuses, values


def _add(moment: Moment, statuses: dict[str, Status], values: dict[str, Any]) -> None:
    statuses.update(moment.statuses)
    values.update(moment.values)
    for key in moment.gone:
        values.pop(key, None)
