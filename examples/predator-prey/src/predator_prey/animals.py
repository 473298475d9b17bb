"""`Hares` and `Foxes`: what they eat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from predator_prey.land import Animals, Land


class Hares(Animals):
    """Graze."""

    kind: ClassVar[str] = "Hares"
    gain: float = 4.0
    births: float = 0.04

    def fed(self) -> NDArray[np.bool_]:
        """Those who find grass in their cell."""
        return self.env.system(Land).grazed(self.cells)


class Foxes(Animals):
    """Hunt."""

    kind: ClassVar[str] = "Foxes"
    gain: float = 20.0
    births: float = 0.05

    def fed(self) -> NDArray[np.bool_]:
        """Those who catch a hare in their cell; it is gone then."""
        hares = self.env.system(Hares)
        hunters, prey = paired(self.cells, hares.cells)
        fed, eaten = np.zeros(self.rows, bool), np.zeros(hares.rows, bool)
        fed[hunters], eaten[prey] = True, True
        hares.remove(eaten)
        return fed


def paired(ones: NDArray[np.int64], others: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Couples who are in the same cell, everyone in at most one: in each cell the first with the first, and so on."""
    mine, theirs = ranked(ones), ranked(others)
    _, first, second = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    return first, second


def ranked(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each that says its cell, and the how manieth it is there."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    begins = np.searchsorted(ordered, ordered, "left")
    ranks = np.empty(len(cells), np.int64)
    ranks[order] = np.arange(len(cells)) - begins
    return np.asarray((cells << 32) + ranks, np.int64)
