"""Ground divided into cells: which are walls, what the others cost, where one can go from each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from math import floor, hypot, inf, sqrt
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from fw_environment.paths.errors import BlockedPlace, InvalidMap, OutsideMap
from fw_environment.paths.path import Path, Point

Cell = tuple[int, int]
"""Column and row."""

DIRECTIONS: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))
"""The eight steps, straight ones first, each kind once around. Ties are broken in this order wherever they can be."""


class Grid:
    """Cells of equal size; never changed: where the map changes, `with_cells` makes a new one.

    `weights[row, column]` is what a unit of length costs in a cell: a number above 0, `inf` for a wall. A step costs
    its length times the mean of the weights of the cells that it joins, so there and back cost the same. A diagonal
    step needs all four cells around its middle free: nothing cuts corners. `diagonal=False` leaves straight steps.

    The cell in column 0, row 0 has its lower corner at `origin`; `cell` is the length of its sides.
    """

    def __init__(
        self, weights: npt.ArrayLike, *, cell: float = 1.0, origin: Point = (0.0, 0.0), diagonal: bool = True
    ) -> None:
        found = np.array(weights, dtype=np.float64)
        if found.ndim != 2 or not found.size:
            raise InvalidMap(f"weights of shape {found.shape} are no grid; give an array of rows and columns")
        wrong = np.argwhere(~(found > 0))
        if len(wrong):
            row, column = wrong[0].tolist()
            raise InvalidMap(
                f"cell ({column}, {row}) weighs {found[row, column]}; a weight is above 0, or inf for a wall"
            )
        if not 0 < cell < inf:
            raise InvalidMap(f"cells of size {cell}; give a length above 0")
        found.setflags(write=False)
        self.weights = found
        self.height, self.width = found.shape
        self.cell, self.origin, self.diagonal = float(cell), origin, diagonal
        open_weights = found[np.isfinite(found)]
        self.lightest = float(open_weights.min()) if len(open_weights) else 1.0
        self.even = bool((open_weights == self.lightest).all())

    @classmethod
    def of_walls(cls, walls: npt.ArrayLike, **options: Any) -> Grid:
        """From an array of rows and columns in which true is a wall; everything else weighs 1."""
        return cls(np.where(np.asarray(walls, dtype=bool), inf, 1.0), **options)

    @classmethod
    def of_text(cls, text: str, **options: Any) -> Grid:
        """From lines in which `#` is a wall, a digit a weight and anything else weighs 1; the first line is row 0."""
        weigh = {"#": inf, **{str(digit): float(digit) for digit in range(1, 10)}}
        rows = [[weigh.get(sign, 1.0) for sign in line.strip()] for line in text.strip().splitlines()]
        if len({len(row) for row in rows}) > 1:
            raise InvalidMap(f"lines of {sorted({len(row) for row in rows})} cells; give all lines the same length")
        return cls(rows, **options)

    def with_cells(self, weights: dict[Cell, float]) -> Grid:
        """This grid, with other weights for some cells."""
        changed = self.weights.copy()
        for cell, weight in weights.items():
            self._inside(cell, "cell", cell)
            changed[cell[1], cell[0]] = weight
        return Grid(changed, cell=self.cell, origin=self.origin, diagonal=self.diagonal)

    def widened(self, radius: float) -> Grid:
        """This grid for a body of that `radius`: a cell with a wall nearer to its centre than that is a wall, too.

        Outside of the grid there is no wall.
        """
        reach = int(radius / self.cell + 0.5)
        walls = np.pad(np.isinf(self.weights), reach)
        near = np.zeros_like(self.weights, dtype=bool)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                if hypot(max(abs(dx) - 0.5, 0.0), max(abs(dy) - 0.5, 0.0)) * self.cell < radius:
                    near |= walls[reach + dy : reach + dy + self.height, reach + dx : reach + dx + self.width]
        weights = np.where(near, inf, self.weights)
        return Grid(weights, cell=self.cell, origin=self.origin, diagonal=self.diagonal)

    def cell_at(self, place: Point) -> Cell:
        """The cell that a place lies in, be it inside the grid or not."""
        return (
            floor((place[0] - self.origin[0]) / self.cell),
            floor((place[1] - self.origin[1]) / self.cell),
        )

    def centre(self, cell: Cell) -> Point:
        """The place in the middle of a cell."""
        return (self.origin[0] + (cell[0] + 0.5) * self.cell, self.origin[1] + (cell[1] + 0.5) * self.cell)

    def free(self, cell: Cell) -> bool:
        """Whether a cell is inside and no wall."""
        x, y = cell
        return 0 <= x < self.width and 0 <= y < self.height and bool(self.weights[y, x] < inf)

    def require(self, place: Point, role: str) -> int:
        """The index of the cell of a place where one can be; raises OutsideMap or BlockedPlace, naming the `role`."""
        cell = self.cell_at(place)
        self._inside(cell, role, place)
        if not self.free(cell):
            raise BlockedPlace(role, place, cell)
        return self.index(cell)

    def _inside(self, cell: Cell, role: str, place: Point) -> None:
        if not (0 <= cell[0] < self.width and 0 <= cell[1] < self.height):
            x, y = self.origin
            extent = f"x {x} to {x + self.width * self.cell} and y {y} to {y + self.height * self.cell}"
            raise OutsideMap(role, place, extent)

    # Searches work on flat tables with a border of walls around them, so that no step needs to ask for the edge.

    @property
    def stride(self) -> int:
        """How many entries of a flat table make a row."""
        return int(self.width + 2)

    def index(self, cell: Cell) -> int:
        """The entry of a cell in a flat table."""
        return int((cell[1] + 1) * self.stride + cell[0] + 1)

    def cell_of(self, index: int) -> Cell:
        """The cell of an entry in a flat table."""
        return (index % self.stride - 1, index // self.stride - 1)

    def path(self, indices: Iterable[int], cost: float) -> Path:
        """The path through the centres of these cells."""
        return Path(tuple(self.centre(self.cell_of(index)) for index in indices), cost)

    @cached_property
    def bordered(self) -> npt.NDArray[np.float64]:
        """The weights with their border of walls, not yet flat."""
        return np.pad(self.weights, 1, constant_values=inf)

    @cached_property
    def moves(self) -> npt.NDArray[np.uint8]:
        """For each entry of a flat table a bit for each of the DIRECTIONS in which one can go from there."""
        free = np.isfinite(self.bordered)
        found = np.zeros(free.shape, dtype=np.uint8)
        inner = (slice(1, -1), slice(1, -1))

        def shifted(dx: int, dy: int) -> npt.NDArray[np.bool_]:
            return free[1 + dy : 1 + dy + self.height, 1 + dx : 1 + dx + self.width]

        for bit, (dx, dy) in enumerate(DIRECTIONS if self.diagonal else DIRECTIONS[:4]):
            legal = free[inner] & shifted(dx, dy)
            if dx and dy:
                legal = legal & shifted(dx, 0) & shifted(0, dy)
            found[inner] |= legal.astype(np.uint8) << bit
        return found.ravel()

    @cached_property
    def flat_moves(self) -> bytes:
        """`moves`, as fast to read one by one as Python can."""
        return self.moves.tobytes()

    @cached_property
    def flat_weights(self) -> list[float]:
        """The weights as a flat table."""
        weights: list[float] = self.bordered.ravel().tolist()
        return weights

    @cached_property
    def steps(self) -> tuple[tuple[tuple[int, float], ...], ...]:
        """For each value of `moves`, the offset of each step in a flat table and half its length in the world."""
        all_steps = [(dx + dy * self.stride, hypot(dx, dy) * self.cell / 2) for dx, dy in DIRECTIONS]
        return tuple(tuple(step for bit, step in enumerate(all_steps) if mask >> bit & 1) for mask in range(256))

    def bound(self, index: int) -> memoryview[float]:
        """For each entry of a flat table a lower bound of the cost from there to the entry `index`."""
        x, y = self.cell_of(index)
        across = np.abs(np.arange(-1, self.width + 1, dtype=np.float64) - x)[None, :]
        down = np.abs(np.arange(-1, self.height + 1, dtype=np.float64) - y)[:, None]
        if self.diagonal:
            distance = np.maximum(across, down) + (sqrt(2) - 1) * np.minimum(across, down)
        else:
            distance = across + down
        # A view gives plain floats one by one, without a list being made of all of them first.
        return cast("memoryview[float]", (distance * (self.cell * self.lightest)).ravel().data)
