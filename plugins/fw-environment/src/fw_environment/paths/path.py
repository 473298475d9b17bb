"""The way from one place to another, as data."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import hypot
from typing import Protocol

Point = tuple[float, float]
"""x and y, in units of the world."""


@dataclass(frozen=True, slots=True)
class Path:
    """A line through `points`, at least one. `cost` is what the finder minimised; on even ground it is the length."""

    points: tuple[Point, ...]
    cost: float
    _marks: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """How far along the line each point lies."""

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("a path needs at least one point")
        steps = (hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(self.points))
        object.__setattr__(self, "_marks", tuple(accumulate(steps, initial=0.0)))

    @property
    def length(self) -> float:
        """In units of the world."""
        return self._marks[-1]

    @property
    def start(self) -> Point:
        """The first point."""
        return self.points[0]

    @property
    def goal(self) -> Point:
        """The last point."""
        return self.points[-1]

    def sample(self, distance: float) -> Point:
        """The point that lies `distance` along the line; its ends beyond them."""
        if distance <= 0 or len(self.points) == 1:
            return self.start
        if distance >= self.length:
            return self.goal
        after = bisect_right(self._marks, distance)
        (x1, y1), (x2, y2) = self.points[after - 1], self.points[after]
        share = (distance - self._marks[after - 1]) / (self._marks[after] - self._marks[after - 1])
        return (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)

    def nearest(self, place: Point, since: float = 0.0, until: float | None = None) -> float:
        """How far along the line its point nearest to `place` lies; of several equally near ones the first.

        Only the stretch between `since` and `until` counts.
        """
        until = self.length if until is None else min(until, self.length)
        best, found = float("inf"), max(0.0, min(since, until))
        first = max(bisect_right(self._marks, found) - 1, 0)
        for number in range(first, len(self.points) - 1):
            if self._marks[number] > until:
                break
            low, high = self._marks[number], self._marks[number + 1]
            if high == low:
                continue
            (x1, y1), (x2, y2) = self.points[number], self.points[number + 1]
            along = ((place[0] - x1) * (x2 - x1) + (place[1] - y1) * (y2 - y1)) / (high - low)
            mark = min(max(low + along, low, found if number == first else low), high, until)
            x, y = self.sample(mark)
            away = hypot(place[0] - x, place[1] - y)
            if away < best:
                best, found = away, mark
        return found

    def corners(self) -> Path:
        """The same line without the points at which it goes straight on."""
        kept: list[Point] = [self.start]
        for here, after in pairwise(self.points[1:]):
            (x0, y0), (x1, y1), (x2, y2) = kept[-1], here, after
            cross = (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
            ahead = (x1 - x0) * (x2 - x1) + (y1 - y0) * (y2 - y1)
            if abs(cross) > 1e-9 * max(abs(ahead), 1.0) or ahead < 0:
                kept.append(here)
        return Path((*kept, self.goal) if len(self.points) > 1 else self.points, self.cost)


class PathFinder(Protocol):
    """Whatever knows the way: grids and meshes."""

    def find(self, start: Point, goal: Point, *, budget: int | None = None) -> Path | None:
        """The cheapest path; None if there is none.

        Raises OutsideMap and BlockedPlace for a start or goal where nobody can be, and BudgetSpent once `budget`
        cells have been looked at without an answer.
        """
        ...
