"""A* over the cells of a grid."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from fw_environment.paths.errors import BudgetSpent
from fw_environment.paths.grid import Grid
from fw_environment.paths.path import Path, Point


class AStar:
    """The cheapest path over a grid, whatever its cells weigh; from centre of cell to centre of cell.

    Of equally cheap paths always the same one is found. The tables it works on belong to the grid and are made once.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    def find(self, start: Point, goal: Point, *, budget: int | None = None) -> Path | None:
        """See PathFinder."""
        grid = self.grid
        source, target = grid.require(start, "start"), grid.require(goal, "goal")
        bound = grid.bound(target)
        moves, steps, weights = grid.flat_moves, grid.steps, grid.flat_weights
        cost = [inf] * len(moves)
        came = [0] * len(moves)
        cost[source] = 0.0
        left = len(moves) if budget is None else budget
        heap = [(bound[source], source)]
        while heap:
            estimate, here = heappop(heap)
            if here == target:
                return grid.path(_back(came, source, target), cost[target])
            spent = cost[here]
            if estimate > spent + bound[here]:
                continue  # a cheaper way to this cell was found after this entry was made, and taken already
            if not left:
                nearest = min((index for index, known in enumerate(cost) if known < inf), key=bound.__getitem__)
                raise BudgetSpent(budget or 0, grid.path(_back(came, source, nearest), cost[nearest]))
            left -= 1
            weight = weights[here]
            for offset, half in steps[moves[here]]:
                there = here + offset
                total = spent + half * (weight + weights[there])
                if total < cost[there]:
                    cost[there] = total
                    came[there] = here
                    heappush(heap, (total + bound[there], there))
        return None


def _back(came: list[int], source: int, target: int) -> list[int]:
    """The entries from `source` to `target`, followed from the end."""
    found = [target]
    while found[-1] != source:
        found.append(came[found[-1]])
    return found[::-1]
