"""Navigation meshes: ground made of convex polygons, and paths that touch no more of their corners than they must."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import hypot, inf

import numpy as np

from fw_environment.paths.errors import BudgetSpent, OutsideMap, UnevenMap
from fw_environment.paths.grid import Grid
from fw_environment.paths.path import Path, Point
from fw_environment.paths.polygons import Portal, contains, counterclockwise, portals, rectangles, turn


class NavMesh:
    """Ground made of convex polygons, given by their corners. One can go from one to another where their edges meet.

    A search goes from opening to opening, through the point of each that lies nearest to the straight way to the goal;
    the path is then drawn tight. So it is the shortest way through the polygons that it crosses; that no other row of
    polygons allows a shorter one holds often, not always. It may touch corners: the body has no width.
    """

    def __init__(self, polygons: Sequence[Sequence[Point]]) -> None:
        self.polygons = tuple(counterclockwise(number, corners) for number, corners in enumerate(polygons))
        self.portals = tuple(map(tuple, portals(self.polygons)))
        bounds = [
            (min(x for x, _ in p), min(y for _, y in p), max(x for x, _ in p), max(y for _, y in p))
            for p in self.polygons
        ]
        self._bounds = np.array(bounds, dtype=np.float64).reshape(-1, 4)

    @classmethod
    def of_grid(cls, grid: Grid) -> NavMesh:
        """The free cells of a grid, as rectangles; for a body with a width, of `grid.widened(radius)`."""
        if not grid.even:
            raise UnevenMap("a mesh knows no weights, and this grid has cells of different ones; use AStar")
        return cls(rectangles(grid))

    def polygon_at(self, place: Point) -> int | None:
        """The number of the first polygon that a place lies in or on, or None."""
        x, y = place
        low_x, low_y, high_x, high_y = self._bounds.T
        near = (low_x - 1e-9 <= x) & (x <= high_x + 1e-9) & (low_y - 1e-9 <= y) & (y <= high_y + 1e-9)
        return next(
            (number for number in np.flatnonzero(near).tolist() if contains(self.polygons[number], place)), None
        )

    def _require(self, place: Point, role: str) -> int:
        found = self.polygon_at(place)
        if found is None:
            raise OutsideMap(role, place, f"{len(self.polygons)} polygons")
        return found

    def find(self, start: Point, goal: Point, *, budget: int | None = None) -> Path | None:
        """See PathFinder; the budget counts openings."""
        source, target = self._require(start, "start"), self._require(goal, "goal")
        if source == target:
            return _line([start, goal])
        cost: dict[Portal | None, float] = {None: 0.0}
        came: dict[Portal, Portal | None] = {}
        heap: list[tuple[float, int, Portal | None, Point]] = [(0.0, 0, None, start)]
        left = inf if budget is None else budget
        made = 0  # of equally good openings the one found first is looked at first
        done: set[Portal | None] = set()
        nearest: tuple[float, Portal | None, Point] = (_distance(start, goal), None, start)
        while heap:
            _, _, portal, place = heappop(heap)
            if portal in done:
                continue
            here = portal.to if portal else source
            if here == target:
                return _line(tightened(start, goal, _back(came, portal)))
            if left <= 0:
                raise BudgetSpent(budget or 0, _line(tightened(start, nearest[2], _back(came, nearest[1]))))
            left -= 1
            done.add(portal)
            nearest = min(nearest, (_distance(place, goal), portal, place), key=lambda found: found[0])
            before = came.get(portal) if portal else None
            back = before.to if before else source if portal else None
            for opening in self.portals[here]:
                if opening.to == back:
                    continue  # whoever leaves a convex polygon has no reason to return to it
                through = _towards(place, goal, opening)
                total = cost[portal] + _distance(place, through)
                if opening not in done and total < cost.get(opening, inf):
                    cost[opening], came[opening] = total, portal
                    made += 1
                    heappush(heap, (total + _distance(through, goal), made, opening, through))
        return None


def tightened(start: Point, goal: Point, openings: Sequence[Portal]) -> list[Point]:
    """The corners of the shortest line from `start` to `goal` through all `openings` in order.

    (The funnel algorithm: Lee and Preparata, Euclidean shortest paths in the presence of rectilinear barriers, 1984.)
    """
    gates = [*((portal.left, portal.right) for portal in openings), (goal, goal)]
    found = [start]
    apex = left = right = start
    left_gate = right_gate = -1
    number = 0
    while number < len(gates):
        new_left, new_right = gates[number]
        if turn(apex, right, new_right) >= 0 or right == apex:
            if apex == right or turn(apex, left, new_right) < 0 or left == apex:
                right, right_gate = new_right, number
            else:  # the right side has crossed the left one: the path turns there
                found.append(left)
                apex = right = left
                number, right_gate = left_gate + 1, left_gate
                continue
        if turn(apex, left, new_left) <= 0 or left == apex:
            if apex == left or turn(apex, right, new_left) > 0 or right == apex:
                left, left_gate = new_left, number
            else:
                found.append(right)
                apex = left = right
                number, left_gate = right_gate + 1, right_gate
                continue
        number += 1
    found.append(goal)
    return [start, *(point for before, point in pairwise(found) if before != point)]


def _towards(place: Point, goal: Point, opening: Portal) -> Point:
    """The point of an opening that lies nearest to the straight way from `place` to `goal`."""
    (x1, y1), (x2, y2) = opening.left, opening.right
    one, two = turn(place, goal, opening.left), turn(place, goal, opening.right)
    if one == two:  # along the way itself: the end that comes first
        return min(opening.left, opening.right, key=lambda point: _distance(place, point))
    share = min(max(one / (one - two), 0.0), 1.0)
    return (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)


def _back(came: dict[Portal, Portal | None], portal: Portal | None) -> list[Portal]:
    found = []
    while portal is not None:
        found.append(portal)
        portal = came[portal]
    return found[::-1]


def _line(points: list[Point]) -> Path:
    path = Path(tuple(points), 0.0)
    return Path(path.points, path.length)


def _distance(one: Point, two: Point) -> float:
    return hypot(two[0] - one[0], two[1] - one[1])
