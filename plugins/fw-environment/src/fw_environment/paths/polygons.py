"""Convex polygons and the openings between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import hypot
from operator import attrgetter

from fw_environment.paths.errors import InvalidMap
from fw_environment.paths.grid import Grid
from fw_environment.paths.path import Point

Polygon = tuple[Point, ...]

_TOUCH = 1e-7
"""Edges that share no more than this only touch."""


@dataclass(frozen=True, slots=True)
class Portal:
    """An opening into the polygon `to`; `left` and `right` as seen by who goes through, where y points up."""

    to: int
    left: Point
    right: Point


def turn(origin: Point, first: Point, second: Point) -> float:
    """Above 0 where it is a turn to the left from `first` to `second`, as seen from `origin`, and y points up."""
    return (first[0] - origin[0]) * (second[1] - origin[1]) - (first[1] - origin[1]) * (second[0] - origin[0])


def counterclockwise(number: int, corners: Sequence[Point]) -> Polygon:
    """The polygon with its corners in that order; raises InvalidMap unless it is convex and has an area."""
    points = tuple((float(x), float(y)) for x, y in corners)
    if any(points[i - 1] == points[i] for i in range(len(points))):
        raise InvalidMap(f"polygon {number} {points} has a corner twice in a row; give it once")
    turns = [turn(points[i - 2], points[i - 1], points[i]) for i in range(len(points))]
    if len(points) < 3 or not any(turns):
        raise InvalidMap(f"polygon {number} {points} has no area; give at least three corners that lie on no line")
    if min(turns) < 0 < max(turns):
        raise InvalidMap(f"polygon {number} {points} is not convex; cut it into convex ones")
    return points if max(turns) > 0 else points[::-1]


def contains(polygon: Polygon, place: Point) -> bool:
    """Whether a place lies in a polygon or on its edge."""
    return all(turn(polygon[i - 1], polygon[i], place) >= -1e-9 for i in range(len(polygon)))


def portals(polygons: Sequence[Polygon]) -> list[list[Portal]]:
    """The openings of each polygon: wherever an edge lies on that of another, be it only in part.

    Polygons must not overlap.
    """
    lines: defaultdict[tuple[float, ...], list[_Edge]] = defaultdict(list)
    for number, polygon in enumerate(polygons):
        for i in range(len(polygon)):
            edge = _Edge(number, polygon[i - 1], polygon[i])
            lines[edge.line].append(edge)
    found: list[list[Portal]] = [[] for _ in polygons]
    for edges in lines.values():
        for forth, back, low, high in _shared(edges):
            # The inside of a polygon lies to the left of its edges: who leaves it has the end of the edge to the left.
            found[forth].append(Portal(back, left=high, right=low))
            found[back].append(Portal(forth, left=low, right=high))
    for openings in found:
        openings.sort(key=lambda portal: (portal.to, portal.left, portal.right))
    return found


class _Edge:
    """An edge of a polygon: from its `low` end to its `high` one, or `back`."""

    __slots__ = ("back", "begin", "end", "high", "line", "low", "polygon")

    def __init__(self, polygon: int, start: Point, end: Point) -> None:
        self.polygon = polygon
        self.back = end < start
        self.low, self.high = (end, start) if self.back else (start, end)  # so that rounding treats both ways alike
        dx, dy = self.high[0] - self.low[0], self.high[1] - self.low[1]
        size = hypot(dx, dy)
        dx, dy = dx / size, dy / size
        away = dx * self.low[1] - dy * self.low[0]
        self.line = (round(dx, 7) + 0.0, round(dy, 7) + 0.0, round(away, 7) + 0.0)
        """The same for all edges on one line."""
        self.begin, self.end = (dx * x + dy * y for x, y in (self.low, self.high))
        """Where on the line it lies."""


def _shared(edges: list[_Edge]) -> Iterator[tuple[int, int, Point, Point]]:
    """On one line: polygon whose edge runs forth, polygon whose edge runs back, and the ends of what they share."""
    forth = sorted((edge for edge in edges if not edge.back), key=attrgetter("begin"))
    back = sorted((edge for edge in edges if edge.back), key=attrgetter("begin"))
    first = 0
    for one in forth:
        while first < len(back) and back[first].end <= one.begin + _TOUCH:
            first += 1
        for two in islice(back, first, None):
            if two.begin >= one.end - _TOUCH:
                break
            low = one.low if one.begin >= two.begin else two.low
            high = one.high if one.end <= two.end else two.high
            yield one.polygon, two.polygon, low, high


def rectangles(grid: Grid) -> list[Polygon]:
    """The free cells of a grid, put together to rectangles: runs of a row, with equal runs of the rows above."""
    runs: dict[tuple[int, int], int] = {}  # first and last column of a run to the row in which it began
    found: list[tuple[int, int, int, int]] = []
    for row in range(grid.height + 1):
        current = set(_runs(grid, row)) if row < grid.height else set()
        found += [(run[0], runs.pop(run), run[1], row) for run in runs.keys() - current]
        for run in current - runs.keys():
            runs[run] = row
    return [_rectangle(grid, *sides) for sides in sorted(found)]


def _runs(grid: Grid, row: int) -> Iterator[tuple[int, int]]:
    begin = None
    for column in range(grid.width + 1):
        if grid.free((column, row)):
            begin = column if begin is None else begin
        elif begin is not None:
            yield begin, column
            begin = None


def _rectangle(grid: Grid, x1: int, y1: int, x2: int, y2: int) -> Polygon:
    (left, low), (right, high) = (
        (grid.origin[0] + x * grid.cell, grid.origin[1] + y * grid.cell) for x, y in ((x1, y1), (x2, y2))
    )
    return ((left, low), (right, low), (right, high), (left, high))
