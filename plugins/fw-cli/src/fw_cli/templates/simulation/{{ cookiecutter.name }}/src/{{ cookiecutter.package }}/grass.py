"""`Grass`: the meadow, as one array."""

from typing import ClassVar

import numpy as np
from fw_environment import System, column
from numpy.typing import NDArray


class Grass(System):
    """`side` x `side` cells of 1 m; `height` is 0 to 1. It grows fastest where it is half as high as it gets."""

    kind: ClassVar[str] = "Grass"
    side: int = 16
    height: NDArray[np.float64] = column()

    def update(self, dt: float) -> None:
        """One step of growth."""
        self.height += 0.2 * self.height * (1 - self.height) * dt

    def cell(self, x: float, y: float) -> int:
        """The row of the cell at a place; beside the meadow, of the nearest one."""
        most = self.side - 1
        return min(max(int(y), 0), most) * self.side + min(max(int(x), 0), most)

    def graze(self, x: float, y: float, most: float) -> float:
        """Take up to so much from the cell at a place; a little always stays. How much it was."""
        cell = self.cell(x, y)
        bite = min(most, max(float(self.height[cell]) - 0.05, 0.0))
        self.height[cell] -= bite
        return bite
