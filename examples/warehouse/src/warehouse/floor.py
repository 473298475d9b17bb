"""`Floor`: the map, and which robot has which cell; `Orders`: what is to be fetched."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fw_environment import System, column
from fw_environment.paths import AStar, Grid

Place = tuple[float, float]

PLAN = """
........................
........................
h...##..##..##..##..##..
h...##..##..##..##..##..
h...##..##..##..##..##..
h...##..##..##..##..##..
h.......................
h.......................
h...##..##..##..##..##..
h...##..##..##..##..##..
....##..##..##..##..##..
....##..##..##..##..##..
........................
......d.....d.....d.....
"""
"""`#` is a shelf, `h` a place where a robot is charged, `d` a dock."""
ROWS = PLAN.split()
GRID = Grid.of_text(PLAN, diagonal=False)


def places(sign: str) -> tuple[Place, ...]:
    """The middles of all cells with a sign."""
    return tuple(GRID.centre((x, y)) for y, row in enumerate(ROWS) for x, found in enumerate(row) if found == sign)


HOMES, DOCKS, SHELVES = places("h"), places("d"), places("#")
BESIDE_SHELVES = tuple((x + side, y) for x, y in SHELVES for side in (-1, 1) if GRID.free(GRID.cell_at((x + side, y))))


class Floor(System):
    """Gives each cell to one robot at a time, so that no two can meet."""

    kind: ClassVar[str] = "Floor"
    owner: NDArray[np.int32] = column("i4")

    @staticmethod
    def number(place: Place) -> int:
        """The row of the cell at a place."""
        x, y = GRID.cell_at(place)
        return y * int(GRID.width) + x

    def claim(self, place: Place, robot: int) -> bool:
        """Have the cell at a place as well, if nobody else has it."""
        cell = self.number(place)
        if self.owner[cell] not in {0, robot}:
            return False
        self.owner[cell] = robot
        return True

    def hold(self, place: Place, robot: int) -> None:
        """Have the cell at a place alone."""
        self.owner[self.owner == robot] = 0
        self.owner[self.number(place)] = robot

    def route(self, start: Place, goal: Place, robot: int, *, around: bool) -> tuple[Place, ...]:
        """The way, cell by cell; ``around`` what the others have now, except the goal. Empty where there is none."""
        grid = GRID
        if around:
            kept = {self.number(start), self.number(goal)}
            taken = np.flatnonzero((self.owner != 0) & (self.owner != robot)).tolist()
            width = int(GRID.width)
            grid = GRID.with_cells({(cell % width, cell // width): np.inf for cell in taken if cell not in kept})
        path = AStar(grid).find(start, goal)
        return path.points if path is not None else ()


class Orders(System):
    """A new order every so many seconds: something that lies in reach of a place beside the shelves."""

    kind: ClassVar[str] = "Orders"
    every: float = 4.0
    waiting: tuple[Place, ...] = ()
    delivered: int = 0
    until_next: float = 0.0

    def update(self, dt: float) -> None:
        """One step."""
        self.until_next -= dt
        if self.until_next <= 0:
            self.until_next += self.every
            place = self.env.stream("orders").choice(BESIDE_SHELVES)
            self.waiting = (*self.waiting, place)

    def take(self) -> Place | None:
        """The oldest order, which is the caller's from now on."""
        if not self.waiting:
            return None
        first, *rest = self.waiting
        self.waiting = tuple(rest)
        return first
