"""`Land`: the grass, and what all who live on it have in common."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fw_environment import System, column

SIDE = 360
"""Cells of 1 m along a side; who leaves at one side comes back at the other."""


class Land(System):
    """Where grass grows. ``bare`` counts the days until a cell has grass again; 0: it has."""

    kind: ClassVar[str] = "Land"

    regrowth: int = 30
    bare: NDArray[np.int32] = column("i4")

    def update(self, dt: float) -> None:
        """One day."""
        np.subtract(self.bare, 1, out=self.bare, where=self.bare > 0)

    def grazed(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the animals in these cells find grass. It is gone then; of several in one cell the first gets it."""
        fed = np.zeros(len(cells), bool)
        places, first = np.unique(cells, return_index=True)
        fed[first] = self.bare[places] == 0
        self.bare[cells[fed]] = self.regrowth
        return fed


class Animals(System):
    """Walk about, use energy, starve, and have young. One row for each of them."""

    kind: ClassVar[str] = "Animals"

    gain: float = 0.0
    """Energy of a meal; a day takes 1."""
    births: float = 0.0
    """How likely one has a young a day, with which it shares its energy."""
    x: NDArray[np.float64] = column()
    y: NDArray[np.float64] = column()
    heading: NDArray[np.float64] = column()
    energy: NDArray[np.float64] = column()

    def settle(self, count: int) -> None:
        """Let so many come, anywhere on the land."""
        self.add(
            x=self.rng.uniform(0, SIDE, count),
            y=self.rng.uniform(0, SIDE, count),
            heading=self.rng.uniform(0, 2 * np.pi, count),
            energy=self.rng.uniform(0, 2 * self.gain, count),
        )

    @property
    def cells(self) -> NDArray[np.int64]:
        """The cell that each is in."""
        return np.asarray(np.floor(self.y) * SIDE + np.floor(self.x), np.int64)

    def update(self, dt: float) -> None:
        """One day."""
        self.heading += self.rng.uniform(-0.9, 0.9, self.rows)
        self.x = within(self.x + np.cos(self.heading) * dt)
        self.y = within(self.y + np.sin(self.heading) * dt)
        self.energy -= dt
        self.energy += self.gain * self.fed()
        self.remove(self.energy < 0)
        mothers = self.rng.random(self.rows) < self.births
        self.energy[mothers] /= 2
        young = {name: values[mothers] for name, values in self.arrays().items()}
        self.add(int(np.count_nonzero(mothers)), **young)

    def fed(self) -> NDArray[np.bool_]:
        """Which of them find something to eat today."""
        raise NotImplementedError


def within(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same places on the land, which has no edge."""
    turned = np.mod(places, SIDE)
    # The remainder of a tiny negative number is rounded up to the side itself.
    return np.where(turned == SIDE, 0.0, turned)
