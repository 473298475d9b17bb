"""Convex polygons and the openings between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot

from fw_environment.paths.errors import InvalidMap
from fw_environment.paths.grid import Grid
from fw_environment.paths.path import Point

Polygon = tuple[Point, ...]


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
    """The openings of each polygon: wherever an edge lies on that of another, be it only in part."""
    edges: defaultdict[tuple[float, ...], list[tuple[int, Point, Point]]] = defaultdict(list)
    for number, polygon in enumerate(polygons):
        for i in range(len(polygon)):
            edges[_line(polygon[i - 1], polygon[i])].append((number, polygon[i - 1], polygon[i]))
    found: list[list[Portal]] = [[] for _ in polygons]
    for shared in edges.values():
        for one, two, low, high in _overlaps(shared):
            # The inside of a polygon lies to the left of its edges: who leaves it has the end of the edge to the left.
            found[one].append(Portal(two, left=high, right=low))
    for openings in found:
        openings.sort(key=lambda portal: (portal.to, portal.left, portal.right))
    return found


def _line(start: Point, end: Point) -> tuple[float, ...]:
    """The same for all edges on one line, whichever way they run."""
    start, end = min(start, end), max(start, end)  # so that rounding treats both ways alike
    dx, dy = end[0] - start[0], end[1] - start[1]
    size = hypot(dx, dy)
    dx, dy = dx / size, dy / size
    return (round(dx, 7) + 0.0, round(dy, 7) + 0.0, round(dx * start[1] - dy * start[0], 7) + 0.0)


def _overlaps(edges: list[tuple[int, Point, Point]]) -> Iterator[tuple[int, int, Point, Point]]:
    """From polygon, to polygon, and what the edge of the first shares with the other's: ends in the first's order."""
    for one, a, b in edges:
        way = (b[0] - a[0], b[1] - a[1])
        square = way[0] ** 2 + way[1] ** 2
        for two, c, d in edges:
            if one == two or (d[0] - c[0]) * way[0] + (d[1] - c[1]) * way[1] > 0:
                continue  # polygons on one side of the line overlap or only touch: no opening
            share = [((p[0] - a[0]) * way[0] + (p[1] - a[1]) * way[1]) / square for p in (d, c)]
            if min(share[1], 1.0) - max(share[0], 0.0) > 1e-7:
                yield one, two, a if share[0] <= 0 else d, b if share[1] >= 1 else c


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
