"""An index of many places, made at one stroke from an array: who is near, in a box, in the way of a ray."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from fw_environment.space.errors import InvalidPlaces

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Point = tuple[float, float]


class PointIndex:
    """Answers about N places, (N, 2), by their numbers: the rows of the array. Makes a copy; make a new one each step.

    The plane is divided into cells with sides of length `cell`; a good choice is the radius most often asked for.
    Without it, a cell holds about two places. `radii` (one, or one for each place) are those of rays' targets; all
    other questions are about the places themselves.
    """

    def __init__(self, places: npt.ArrayLike, *, cell: float | None = None, radii: npt.ArrayLike = 0.0) -> None:
        found = np.array(places, dtype=np.float64)
        if not found.size:
            found = found.reshape(0, 2)
        if found.ndim != 2 or found.shape[1] != 2 or not np.isfinite(found).all():
            raise InvalidPlaces(f"places of shape {found.shape}; give finite numbers in an array of shape (N, 2)")
        self.places = found
        try:
            self.radii = np.broadcast_to(np.asarray(radii, dtype=np.float64), len(found))
        except ValueError as error:
            raise InvalidPlaces(
                f"radii of shape {np.shape(radii)} for {len(found)} places; give one, or {len(found)}"
            ) from error
        low = found.min(axis=0) if len(found) else np.zeros(2)
        size = found.max(axis=0) - low if len(found) else np.zeros(2)
        self.cell = _cell(size, len(found)) if cell is None else float(cell)
        if not 0 < self.cell < np.inf:
            raise InvalidPlaces(f"cells of size {cell}; give a length above 0")
        # A finer division than this gains nothing, and the numbers of cells would run over.
        self.cell = max(self.cell, float(size.max()) / 1e9)
        self._low = low
        self._columns = int(size[0] // self.cell) + 1
        self._rows = int(size[1] // self.cell) + 1
        at = self._cells(found)
        keys = at[:, 1] * self._columns + at[:, 0]
        self._order: Numbers = np.argsort(keys, kind="stable")
        self._keys: Numbers = keys[self._order]
        self._at: Numbers = at
        self._held: Numbers = np.unique(at[:, 1])

    def __len__(self) -> int:
        return len(self.places)

    def _cells(self, places: Floats) -> Numbers:
        found = np.floor((places - self._low) / self.cell)
        return np.clip(found, 0, (self._columns - 1, self._rows - 1)).astype(np.int64)

    def _in_rows(self, rows: Numbers, first: Numbers, last: Numbers) -> Numbers:
        """The numbers of all places in these rows, from the first column to the last; where that is less, none."""
        begin = np.searchsorted(self._keys, rows * self._columns + first, "left")
        end = np.searchsorted(self._keys, rows * self._columns + last, "right")
        return self._order[_ranges(begin, np.maximum(end - begin, 0))]

    def _rows_between(self, first: int, last: int) -> Numbers:
        """The rows from the first to the last that hold anybody: however wide the question, no more than there are."""
        begin, end = np.searchsorted(self._held, [first, last + 1])
        return self._held[begin:end]

    def _near(self, low: Floats, high: Floats) -> Numbers:
        first, last = self._cells(np.stack([low, high]))
        rows = self._rows_between(first[1], last[1])
        return self._in_rows(rows, np.full(len(rows), first[0]), np.full(len(rows), last[0]))

    def in_box(self, low: Point, high: Point) -> Numbers:
        """Who is in the box between two corners, or on its edge; by number."""
        bottom, top = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
        found = self._near(bottom, top) if len(self) else self._order
        places = self.places[found]
        return np.sort(found[((places >= bottom) & (places <= top)).all(axis=1)])

    def within(self, place: Point, radius: float) -> Numbers:
        """Who is no further than `radius` away; by number."""
        middle = np.array(place, dtype=np.float64)
        found = self._near(middle - radius, middle + radius) if len(self) else self._order
        return np.sort(found[_distances(self.places[found], middle) <= radius])

    def nearest(self, place: Point, count: int = 1) -> tuple[Numbers, Floats]:
        """The `count` nearest, all if there are fewer, and how far away they are: nearest first, then by number."""
        middle = np.array(place, dtype=np.float64)
        if not len(self) or count < 1:
            return np.empty(0, dtype=np.int64), np.empty(0)
        away = np.maximum(np.maximum(self._low - middle, middle - self._low - self._extent()), 0.0)
        radius = float(np.hypot(*away)) + self.cell
        most = float(np.hypot(*(away + self._extent()))) + self.cell
        found = self.within(place, radius)
        while len(found) < min(count, len(self)) and radius < most:
            radius *= 2
            found = self.within(place, radius)
        if len(found) < min(count, len(self)):
            found = np.arange(len(self))
        distances = _distances(self.places[found], middle)
        first = np.lexsort((found, distances))[:count]
        return found[first], distances[first]

    def _extent(self) -> Floats:
        return np.array([self._columns, self._rows]) * self.cell

    def along(self, origin: Point, direction: Point, length: float) -> tuple[Numbers, Floats]:
        """Whom a ray meets, each with its radius, and how far away: nearest first, then by number.

        Who stands at the origin is met at distance 0. The direction may be of any length but 0.
        """
        start, way = np.array(origin, dtype=np.float64), np.array(direction, dtype=np.float64)
        size = hypot(*direction)
        if not size:
            raise ValueError("a ray needs a direction other than (0, 0)")
        if not len(self):
            return np.empty(0, dtype=np.int64), np.empty(0)
        way /= size
        found = self._beside(start, way, length, float(self.radii.max()))
        entry = entries(self.places[found] - start, way, self.radii[found])
        hit = entry <= length
        found, entry = found[hit], entry[hit]
        order = np.lexsort((found, entry))
        return found[order], entry[order]

    def _beside(self, start: Floats, way: Floats, length: float, radius: float) -> Numbers:
        """All who may be met: row by row those in the columns that the ray, `radius` wide, passes there."""
        end = start + way * length
        low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
        first, last = self._cells(np.stack([low, high]))
        rows = self._rows_between(first[1], last[1])
        share_low, share_high = np.zeros(len(rows)), np.full(len(rows), length)
        if abs(way[1]) > 1e-12:
            edges = self._low[1] + np.stack([rows, rows + 1]) * self.cell + np.array([[-radius], [radius]])
            # The first and last row stand for all that lies beyond them, too.
            edges[0] = np.where(rows == 0, -np.inf, edges[0])
            edges[1] = np.where(rows == self._rows - 1, np.inf, edges[1])
            shares = np.sort((edges - start[1]) / way[1], axis=0)
            share_low, share_high = np.maximum(shares[0], 0.0), np.minimum(shares[1], length)
        met = share_low <= share_high
        rows, share_low, share_high = rows[met], share_low[met], share_high[met]
        across = np.sort(start[0] + way[0] * np.stack([share_low, share_high]), axis=0)
        columns = np.floor((across + np.array([[-radius], [radius]]) - self._low[0]) / self.cell)
        columns = np.clip(columns, 0, self._columns - 1).astype(np.int64)
        return self._in_rows(rows, columns[0], columns[1])

    def pairs(self, radius: float) -> tuple[Numbers, Numbers]:
        """Every two who are no further than `radius` from each other, once: first numbers and second, which are larger.

        Sorted by the first number, then by the second.
        """
        if radius > 4 * self.cell:  # so fine a division would be looked through row by row
            return PointIndex(self.places, cell=radius).pairs(radius)
        reach = int(np.ceil(radius / self.cell))
        ones, twos = [], []
        everybody = np.arange(len(self))
        for down in range(-reach, reach + 1):
            rows = self._at[:, 1] + down
            inside = everybody[(rows >= 0) & (rows < self._rows)]
            first = np.maximum(self._at[inside, 0] - reach, 0)
            last = np.minimum(self._at[inside, 0] + reach, self._columns - 1)
            keys = rows[inside] * self._columns
            begin = np.searchsorted(self._keys, keys + first, "left")
            counts = np.searchsorted(self._keys, keys + last, "right") - begin
            one, two = np.repeat(inside, counts), self._order[_ranges(begin, counts)]
            kept = two > one
            one, two = one[kept], two[kept]
            near = _distances(self.places[one], self.places[two]) <= radius
            ones.append(one[near])
            twos.append(two[near])
        one, two = np.concatenate(ones), np.concatenate(twos)
        order = np.lexsort((two, one))
        return one[order], two[order]


def entries(ways: Floats, direction: Floats, radii: Floats) -> Floats:
    """How far a ray goes until it enters each circle, whose middles lie `ways` from its origin; inf if it misses."""
    along = ways @ direction
    aside = ways[:, 0] * direction[1] - ways[:, 1] * direction[0]
    depth = radii * radii - aside * aside
    # A place without a radius is met by a ray that goes through it, but for rounding.
    half = np.sqrt(np.maximum(depth, 0.0))
    met = (depth >= -1e-18 * np.maximum(along * along, 1.0)) & (along + half >= 0)
    return np.where(met, np.maximum(along - half, 0.0), np.inf)


def _cell(size: Any, count: int) -> float:
    """So that a cell holds about two of so many places, if they are spread evenly over a box of that size."""
    width, height = max(float(size[0]), 1e-9), max(float(size[1]), 1e-9)
    longest = max(width, height)
    return max(sqrt(2 * width * height / max(count, 1)), longest / max(count, 1))


def _ranges(begin: Numbers, counts: Numbers) -> Numbers:
    """All of begin[0], begin[0] + 1, … counts[0] of them, then those of begin[1], and so on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    found: Numbers = np.arange(total) + np.repeat(begin - (ends - counts), counts)
    return found


def _distances(places: Floats, others: Floats) -> Floats:
    distances: Floats = np.hypot(places[:, 0] - others[..., 0], places[:, 1] - others[..., 1])
    return distances
