"""The cheapest ways from everywhere to the nearest of some goals: made once, shared by all who go there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from math import inf

import numpy as np
import numpy.typing as npt

from fw_environment.paths.errors import PathFault
from fw_environment.paths.grid import DIRECTIONS, Grid
from fw_environment.paths.path import Path, Point


class FlowField:
    """From every cell of a grid the cost to the cheapest of its `goals`, and the step that leads there.

    Read-only after it is made, so any number of agents share it. Steps and costs are the grid's, from centre to centre.
    """

    def __init__(self, grid: Grid, goals: Iterable[Point]) -> None:
        targets = sorted({grid.require(goal, "goal") for goal in goals})
        if not targets:
            raise PathFault("a flow field needs at least one goal")
        self.grid = grid
        self._targets = targets
        self._cost = _costs(grid, targets)
        self._step = _steps(grid, self._cost, targets)
        units = np.array([(dx, dy) for dx, dy in DIRECTIONS], dtype=np.float64)
        units /= np.hypot(units[:, 0], units[:, 1])[:, None]
        self._units = np.vstack([units, (0.0, 0.0)])
        self._offsets = [dx + dy * grid.stride for dx, dy in DIRECTIONS]

    @property
    def costs(self) -> npt.NDArray[np.float64]:
        """The cost from each cell, by row and column; `inf` in walls and where no way leads to a goal."""
        return self._cost.reshape(self.grid.bordered.shape)[1:-1, 1:-1]

    def cost(self, place: Point) -> float:
        """The cost from a place; `inf` where no way leads to a goal. Raises OutsideMap and BlockedPlace."""
        return float(self._cost[self.grid.require(place, "start")])

    def directions(self, places: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Where to go from each of N places (N, 2), as vectors of length 1.

        0, 0 in a cell of a goal, and for places from which no way leads there, in walls or outside of the grid.
        """
        found = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        cells = np.floor((found - self.grid.origin) / self.grid.cell).astype(np.int64)
        inside = ((cells >= 0) & (cells < (self.grid.width, self.grid.height))).all(axis=1)
        index = np.where(inside, (cells[:, 1] + 1) * self.grid.stride + cells[:, 0] + 1, 0)
        return self._units[self._step[index]]

    def direction(self, place: Point) -> Point:
        """Where to go from one place; see `directions`."""
        x, y = self.directions([place])[0].tolist()
        return (x, y)

    def path(self, start: Point, *, steps: int | None = None) -> Path | None:
        """The way from a place to its goal, or its first `steps`; None if none leads there.

        Its cost is that of the part that is given. Raises OutsideMap and BlockedPlace.
        """
        here = self.grid.require(start, "start")
        whole = float(self._cost[here])
        if whole == inf:
            return None
        found = [here]
        while self._step[here] < len(DIRECTIONS) and (steps is None or len(found) <= steps):
            here += self._offsets[self._step[here]]
            found.append(here)
        return self.grid.path(found, whole - float(self._cost[here]))


class FlowFields:
    """Flow fields of one grid, each made when it is first asked for; the `capacity` last used are kept."""

    def __init__(self, grid: Grid, *, capacity: int = 16) -> None:
        self.grid, self.capacity = grid, capacity
        self._kept: OrderedDict[tuple[int, ...], FlowField] = OrderedDict()

    def to(self, *goals: Point) -> FlowField:
        """The field that leads to these goals. Raises OutsideMap and BlockedPlace."""
        key = tuple(sorted({self.grid.require(goal, "goal") for goal in goals}))
        found = self._kept.pop(key, None) or FlowField(self.grid, goals)
        self._kept[key] = found
        if len(self._kept) > self.capacity:
            self._kept.popitem(last=False)
        return found

    def find(self, start: Point, goal: Point, *, budget: int | None = None) -> Path | None:
        """See PathFinder. A whole field is made where there is none yet, so a budget makes no difference."""
        self.grid.require(start, "start")
        return self.to(goal).path(start)


def _costs(grid: Grid, targets: list[int]) -> npt.NDArray[np.float64]:
    """Dijkstra's algorithm in sweeps: all cells whose cost lies within one shortest step of the lowest are final."""
    moves, weights = grid.moves, grid.bordered.ravel()
    offsets = np.array([dx + dy * grid.stride for dx, dy in DIRECTIONS])
    halves = np.array([np.hypot(dx, dy) * grid.cell / 2 for dx, dy in DIRECTIONS])
    bits = 1 << np.arange(8)
    shortest = grid.cell * grid.lightest
    cost = np.full(len(moves), inf)
    cost[targets] = 0.0
    marks = np.zeros(len(moves), dtype=np.int64)
    pending = np.array(targets, dtype=np.int64)
    while len(pending):
        known = cost[pending]
        ready = known < known.min() + shortest
        here, rest = pending[ready], pending[~ready]
        step, place = np.nonzero((moves[here] & bits[:, None]) != 0)
        near = here[place]
        there = near + offsets[step]
        total = cost[near] + halves[step] * (weights[near] + weights[there])
        better = total < cost[there]
        there, total = there[better], total[better]
        np.minimum.at(cost, there, total)
        pending = np.concatenate([rest, there])
        marks[pending] = np.arange(len(pending))
        pending = pending[marks[pending] == np.arange(len(pending))]  # each once
    return cost


def _steps(grid: Grid, cost: npt.NDArray[np.float64], targets: list[int]) -> npt.NDArray[np.int8]:
    """For each entry the first of the DIRECTIONS that leads on at the known cost; 8 where there is nowhere to go."""
    weights = grid.bordered.ravel()
    found = np.full(len(cost), len(DIRECTIONS), dtype=np.int8)
    for bit in reversed(range(len(DIRECTIONS))):
        dx, dy = DIRECTIONS[bit]
        here = np.flatnonzero(grid.moves >> bit & 1)
        there = here + dx + dy * grid.stride
        half = np.hypot(dx, dy) * grid.cell / 2
        leads = cost[there] + half * (weights[there] + weights[here]) == cost[here]
        found[here[leads & (cost[here] < inf)]] = bit
    found[targets] = len(DIRECTIONS)
    return found
