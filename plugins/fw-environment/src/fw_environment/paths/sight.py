"""Straight lines over a grid: what they pass, where they end at a wall, and paths made shorter along them."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot, inf

from fw_environment.paths.grid import Cell, Grid
from fw_environment.paths.path import Path, Point

_SAME = 1e-9
"""Two edges that are passed within this share of a line count as a corner."""


def cells_between(grid: Grid, start: Point, end: Point) -> Iterator[tuple[Cell, float]]:
    """Every cell that a line passes, in order, with the share of the line at which it is entered.

    Where the line goes through a corner, the two cells beside it are passed, too. Cells may lie outside of the grid.
    """
    (x, y), last = grid.cell_at(start), grid.cell_at(end)
    dx, dy = end[0] - start[0], end[1] - start[1]
    step_x, step_y = (1 if dx > 0 else -1), (1 if dy > 0 else -1)
    yield (x, y), 0.0
    while (x, y) != last:
        to_x = to_y = inf
        if x != last[0]:
            to_x = (grid.origin[0] + (x + (step_x > 0)) * grid.cell - start[0]) / dx
        if y != last[1]:
            to_y = (grid.origin[1] + (y + (step_y > 0)) * grid.cell - start[1]) / dy
        if abs(to_x - to_y) <= _SAME:
            yield (x + step_x, y), to_x
            yield (x, y + step_y), to_x
        if to_x <= to_y + _SAME:
            x += step_x
        if to_y <= to_x + _SAME:
            y += step_y
        yield (x, y), min(to_x, to_y)


def sees(grid: Grid, start: Point, end: Point) -> bool:
    """Whether nothing stands between: every cell that the line passes is free and weighs as much as the first."""
    x, y = grid.cell_at(start)
    if not grid.free((x, y)):
        return False
    weight = grid.weights[y, x]
    return all(
        grid.free(cell) and grid.weights[cell[1], cell[0]] == weight for cell, _ in cells_between(grid, start, end)
    )


def cast(grid: Grid, origin: Point, direction: Point, length: float) -> float | None:
    """How far it is from `origin` in a `direction` to the first wall; None if there is none within `length`.

    Beyond the grid there is no wall. The direction may be of any length but 0.
    """
    size = hypot(*direction)
    if not size:
        raise ValueError("a ray needs a direction other than (0, 0)")
    end = (origin[0] + direction[0] / size * length, origin[1] + direction[1] / size * length)
    for (x, y), share in cells_between(grid, origin, end):
        if 0 <= x < grid.width and 0 <= y < grid.height and not grid.free((x, y)):
            return share * length
    return None


def straightened(grid: Grid, path: Path) -> Path:
    """The path without the points that can be left out because one sees past them; never longer than it was.

    Straight lines may touch a wall: for a body with a width, find and straighten the path on `grid.widened(radius)`.
    """
    kept = [path.start]
    before = path.start
    cost = 0.0
    for point in path.points[1:]:
        if not sees(grid, kept[-1], point) and before != kept[-1]:
            cost += _cost(grid, kept[-1], before)
            kept.append(before)
        before = point
    if before != kept[-1]:
        cost += _cost(grid, kept[-1], before)
        kept.append(before)
    return Path(tuple(kept), cost)


def _cost(grid: Grid, start: Point, end: Point) -> float:
    """What the straight line costs: the mean weight of its ends, which stands for all of it, times its length."""
    (x1, y1), (x2, y2) = grid.cell_at(start), grid.cell_at(end)
    return hypot(end[0] - start[0], end[1] - start[1]) * float(grid.weights[y1, x1] + grid.weights[y2, x2]) / 2
