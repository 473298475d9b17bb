"""A way around obstacles, in steps that arrow keys can make."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from fw_vision import Region

CELL = 20
Point = tuple[int, int]


def way(start: Point, goal: Point, obstacles: Iterable[Point], clearance: int, room: Region) -> list[Point]:
    """Points from after ``start`` to ``goal``, at most a cell apart, none nearer than ``clearance`` to an obstacle.

    Empty if there is no such way. Breadth first over cells; no diagonal step cuts a corner.
    """
    blocked = list(obstacles)

    def center(cell: Point) -> Point:
        return room.left + cell[0] * CELL + CELL // 2, room.top + cell[1] * CELL + CELL // 2

    def free(cell: Point) -> bool:
        x, y = center(cell)
        inside = 0 <= cell[0] < room.width // CELL and 0 <= cell[1] < room.height // CELL
        return inside and all((x - a) ** 2 + (y - b) ** 2 >= clearance**2 for a, b in blocked)

    first, last = (((p[0] - room.left) // CELL, (p[1] - room.top) // CELL) for p in (start, goal))
    came: dict[Point, Point] = {first: first}
    queue = deque([first])
    while queue and last not in came:
        x, y = cell = queue.popleft()
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            step = (x + dx, y + dy)
            if step not in came and free(step) and free((x + dx, y)) and free((x, y + dy)):
                came[step] = cell
                queue.append(step)
    if last not in came:
        return []
    cells = [last]
    while came[cells[-1]] != cells[-1]:
        cells.append(came[cells[-1]])
    return [*(center(cell) for cell in reversed(cells[1:-1])), goal]
