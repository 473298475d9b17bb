"""Where a body that goes straight on across a grid next comes to a place at which it may have to turn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fw_environment.paths.grid import DIRECTIONS, Grid

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]


class JumpTables:
    """For each of the DIRECTIONS and each entry of a flat table:

    - `reach`: how many steps it is to the next place at which one may have to turn; where there is none, minus the
      number of steps to the last free cell;
    - `onward`: the directions to go on in, for someone who came from that direction.

    A straight way must be left only beside a wall that ends: there the cell to the side could not be reached earlier.
    A diagonal one is left where one of its two straight parts leads to such a place. (Harabor and Grastien, Improving
    Jump Point Search, 2014; Rabin and Sturtevant, Combining Bounding Boxes and JPS, 2016; without cut corners.)
    """

    def __init__(self, grid: Grid) -> None:
        free = np.isfinite(grid.bordered)
        moves = grid.moves.reshape(free.shape)
        legal = [(moves >> bit & 1).astype(np.bool_) for bit in range(8)]
        turns = [_turns(free, DIRECTIONS[bit]) for bit in range(4)]
        reach = [_reach(legal[bit], turns[bit][0] | turns[bit][1], DIRECTIONS[bit]) for bit in range(4)]
        for bit in range(4, 8):
            dx, dy = DIRECTIONS[bit]
            parts = (reach[DIRECTIONS.index((dx, 0))] > 0) | (reach[DIRECTIONS.index((0, dy))] > 0)
            reach.append(_reach(legal[bit], parts, (dx, dy)))
        self.reach: list[list[int]] = [table.ravel().tolist() for table in reach]
        self.onward = [self._straight_on(bit, *turns[bit]) for bit in range(4)]
        self.onward += [self._diagonal_on(bit, free.size) for bit in range(4, 8)]

    def _straight_on(self, bit: int, left: Flags, right: Flags) -> list[tuple[int, ...]]:
        dx, dy = DIRECTIONS[bit]
        sides = [((dy, -dx), left), ((-dy, dx), right)]
        known: list[tuple[int, ...]] = []
        for value in range(4):
            found = [bit]
            for number, ((sx, sy), _) in enumerate(sides):
                if value >> number & 1:
                    found += [DIRECTIONS.index((sx, sy)), DIRECTIONS.index((dx + sx, dy + sy))]
            known.append(tuple(found))
        values = (left.astype(np.uint8) | right.astype(np.uint8) << 1).ravel().tolist()
        return [known[value] for value in values]

    def _diagonal_on(self, bit: int, size: int) -> list[tuple[int, ...]]:
        dx, dy = DIRECTIONS[bit]
        return [(bit, DIRECTIONS.index((dx, 0)), DIRECTIONS.index((0, dy)))] * size


def _shifted(table: Flags, dx: int, dy: int) -> Flags:
    """What lies one step away from each entry; nothing beyond the border."""
    return np.roll(table, (-dy, -dx), axis=(0, 1))


def _turns(free: Flags, direction: tuple[int, int]) -> tuple[Flags, Flags]:
    """Where someone who goes in a straight direction has a free cell to the left, and to the right, that was walled off
    one step before.
    """
    dx, dy = direction

    def opened(sx: int, sy: int) -> Flags:
        return free & _shifted(free, -dx, -dy) & _shifted(free, sx, sy) & ~_shifted(free, sx - dx, sy - dy)

    return opened(dy, -dx), opened(-dy, dx)


def _reach(legal: Flags, wanted: Flags, direction: tuple[int, int]) -> Counts:
    """Steps to the next `wanted` entry in a direction, where `legal` lets one go; without one, minus the free steps."""
    dx, dy = direction
    found = np.zeros(legal.shape, dtype=np.int32)
    # Row by row, or column by column, from where the direction leads to: each is the one before it and one step more.
    across = dy == 0
    tables = (found.T, legal.T, wanted.T) if across else (found, legal, wanted)
    counts, may, want = tables
    ahead, aside = (dx, 0) if across else (dy, dx)
    lines = range(len(counts) - 2, 0, -1) if ahead > 0 else range(1, len(counts) - 1)
    for line in lines:
        before = np.roll(counts[line + ahead], -aside)
        goal = np.roll(want[line + ahead], -aside)
        steps = np.where(goal, 1, np.where(before > 0, before + 1, before - 1))
        counts[line] = np.where(may[line], steps, 0)
    return found
