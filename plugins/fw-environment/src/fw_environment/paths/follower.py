"""Going along a path without having to be exactly on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from fw_environment.paths.path import Path, Point


@dataclass(slots=True)
class PathFollower:
    """Says where to steer for, so that a body comes along its `path`.

    It steers for the point of the path that lies `ahead` of the body, so corners are rounded. `travelled`, how far
    along the path the body has come, is all that it remembers: it only grows, also where a path crosses itself.
    """

    path: Path
    ahead: float = 1.0
    reach: float = 0.1
    """Arrived when as near to the goal as this."""
    travelled: float = 0.0

    def target(self, place: Point) -> Point:
        """Where a body at `place` should steer for now."""
        # A body that was pushed off may have come further than one look ahead, but a later bend must not catch it.
        self.travelled = self.path.nearest(place, self.travelled, self.travelled + 2 * self.ahead)
        return self.path.sample(self.travelled + self.ahead)

    def arrived(self, place: Point) -> bool:
        """Whether a body at `place` is at the goal, having come along the path."""
        x, y = self.path.goal
        return hypot(place[0] - x, place[1] - y) <= self.reach and self.left <= self.ahead + self.reach

    @property
    def left(self) -> float:
        """How much of the path lies before the body."""
        return self.path.length - self.travelled
