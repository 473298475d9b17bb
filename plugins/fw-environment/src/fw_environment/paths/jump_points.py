"""Jump point search: A* that looks only at the cells where a cheapest path may turn."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf, sqrt

from fw_environment.paths.errors import BudgetSpent, UnevenMap
from fw_environment.paths.grid import DIRECTIONS, Grid
from fw_environment.paths.jump_tables import JumpTables
from fw_environment.paths.path import Path, Point

EVERY_WAY = tuple(range(8))


class JumpPoints:
    """As cheap paths as A* finds, sooner, over a grid whose free cells weigh the same.

    Making it takes some milliseconds for ten thousand cells; keep it for as long as the grid stands. Where several
    paths are equally cheap it may choose another than AStar does, but always the same one.
    """

    def __init__(self, grid: Grid) -> None:
        if not (grid.even and grid.diagonal):
            reason = "has no diagonal steps" if grid.even else "has cells of different weights"
            raise UnevenMap(f"jump points need even ground and diagonal steps, and this grid {reason}; use AStar")
        self.grid = grid
        self._tables = JumpTables(grid)
        unit = grid.cell * grid.lightest
        self._offsets = tuple(dx + dy * grid.stride for dx, dy in DIRECTIONS)
        self._lengths = tuple(unit * (sqrt(2) if dx and dy else 1.0) for dx, dy in DIRECTIONS)

    def find(self, start: Point, goal: Point, *, budget: int | None = None) -> Path | None:
        """See PathFinder; the budget counts the cells at which a path may turn."""
        grid = self.grid
        source, target = grid.require(start, "start"), grid.require(goal, "goal")
        bound = grid.bound(target)
        reach, onward = self._tables.reach, self._tables.onward
        offsets, lengths, stride = self._offsets, self._lengths, grid.stride
        goal_row, goal_column = divmod(target, stride)
        cost: dict[int, float] = {source: 0.0}
        came: dict[int, tuple[int, int, int]] = {}  # from which entry, in which direction, how many steps
        left = inf if budget is None else budget
        heap = [(bound[source], source)]
        while heap:
            estimate, here = heappop(heap)
            if here == target:
                return grid.path(self._back(came, source, target), cost[target])
            spent = cost[here]
            if estimate > spent + bound[here]:
                continue
            if left <= 0:
                nearest = min(cost, key=lambda index: (bound[index], index))
                raise BudgetSpent(budget or 0, grid.path(self._back(came, source, nearest), cost[nearest]))
            left -= 1
            row, column = divmod(here, stride)
            down, across = goal_row - row, goal_column - column
            for way in onward[came[here][1]][here] if here != source else EVERY_WAY:
                steps = reach[way][here]
                if not steps:
                    continue
                dx, dy = DIRECTIONS[way]
                # A place on the way from which the goal lies straight ahead counts as one at which to turn.
                if dx * across + dy * down > 0:
                    if dx and dy:
                        aligned = min(across * dx, down * dy)
                    else:
                        aligned = 0 if (down if dx else across) else across * dx + down * dy
                    if 0 < aligned <= abs(steps):
                        steps = aligned
                if steps <= 0:
                    continue
                there = here + offsets[way] * steps
                total = spent + lengths[way] * steps
                if total < cost.get(there, inf):
                    cost[there] = total
                    came[there] = (here, way, steps)
                    heappush(heap, (total + bound[there], there))
        return None

    def _back(self, came: dict[int, tuple[int, int, int]], source: int, target: int) -> list[int]:
        """Every entry from `source` to `target`, those between the turns included."""
        found = [target]
        while found[-1] != source:
            _, way, steps = came[found[-1]]
            for _ in range(steps):
                found.append(found[-1] - self._offsets[way])
        return found[::-1]
