"""An index of things that come, move and go one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from math import floor, hypot, inf, sqrt
from typing import Generic, TypeVar

from fw_environment.space.errors import InvalidPlaces, ItemTwice, UnknownItem

Item = TypeVar("Item", bound=Hashable)
Point = tuple[float, float]
Cell = tuple[int, int]


@dataclass(slots=True)
class _Entry:
    number: int
    place: Point
    radius: float
    cell: Cell


class ObjectIndex(Generic[Item]):
    """Things with a place and a radius. Answers as PointIndex does; of equally near ones who was added first is first.

    The plane is divided into cells with sides of length `cell`; choose about the radius most often asked for.
    """

    def __init__(self, cell: float) -> None:
        if not 0 < cell < inf:
            raise InvalidPlaces(f"cells of size {cell}; give a length above 0")
        self.cell = cell
        self._entries: dict[Item, _Entry] = {}
        self._cells: dict[Cell, dict[Item, _Entry]] = {}
        self._added = 0
        self._widest = 0.0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, item: object) -> bool:
        return item in self._entries

    def __iter__(self) -> Iterator[Item]:
        return iter(self._entries)

    def add(self, item: Item, place: Point, radius: float = 0.0) -> None:
        """Raises ItemTwice if it is there already."""
        if item in self._entries:
            raise ItemTwice(item)
        entry = _Entry(self._added, place, radius, self._cell(place))
        self._added += 1
        self._widest = max(self._widest, radius)
        self._entries[item] = entry
        self._cells.setdefault(entry.cell, {})[item] = entry

    def move(self, item: Item, place: Point) -> None:
        """Raises UnknownItem if it is not there."""
        entry, cell = self._entry(item), self._cell(place)
        entry.place = place
        if cell != entry.cell:
            self._leave(item, entry)
            entry.cell = cell
            self._cells.setdefault(cell, {})[item] = entry

    def remove(self, item: Item) -> None:
        """Raises UnknownItem if it is not there."""
        self._leave(item, self._entry(item))
        del self._entries[item]

    def place(self, item: Item) -> Point:
        """Where it is; raises UnknownItem if it is not there."""
        return self._entry(item).place

    def _entry(self, item: Item) -> _Entry:
        try:
            return self._entries[item]
        except KeyError:
            raise UnknownItem(item) from None

    def _leave(self, item: Item, entry: _Entry) -> None:
        there = self._cells[entry.cell]
        del there[item]
        if not there:
            del self._cells[entry.cell]

    def _cell(self, place: Point) -> Cell:
        return (floor(place[0] / self.cell), floor(place[1] / self.cell))

    def _between(self, low: Point, high: Point) -> Iterator[tuple[Item, _Entry]]:
        """All in the cells that a box touches."""
        (x1, y1), (x2, y2) = self._cell(low), self._cell(high)
        if (x2 - x1 + 1) * (y2 - y1 + 1) > len(self._cells):
            cells: Iterable[Cell] = [(x, y) for x, y in self._cells if x1 <= x <= x2 and y1 <= y <= y2]
        else:
            cells = ((x, y) for y in range(y1, y2 + 1) for x in range(x1, x2 + 1))
        for cell in cells:
            yield from self._cells.get(cell, {}).items()

    def in_box(self, low: Point, high: Point) -> list[Item]:
        """Whose place is in the box between two corners, or on its edge; in the order in which they were added."""
        found = [
            (entry.number, item)
            for item, entry in self._between(low, high)
            if low[0] <= entry.place[0] <= high[0] and low[1] <= entry.place[1] <= high[1]
        ]
        return [item for _, item in sorted(found, key=_first)]

    def within(self, place: Point, radius: float) -> list[tuple[float, Item]]:
        """Whose place is no further than `radius` away, with the distance: nearest first."""
        x, y = place
        found = [
            (hypot(entry.place[0] - x, entry.place[1] - y), entry.number, item)
            for item, entry in self._between((x - radius, y - radius), (x + radius, y + radius))
        ]
        return [(distance, item) for distance, _, item in sorted(found, key=_both) if distance <= radius]

    def nearest(self, place: Point, count: int = 1) -> list[tuple[float, Item]]:
        """The `count` nearest, all if there are fewer, with the distance: nearest first."""
        wanted = min(count, len(self))
        if wanted < 1:
            return []
        radius = self.cell
        found = self.within(place, radius)
        while len(found) < wanted:
            # Once a search would look at every cell there is, it looks at everything.
            radius = radius * 2 if (2 * radius / self.cell) ** 2 < len(self._cells) else inf
            found = self.within(place, radius) if radius < inf else self._all(place)
        return found[:wanted]

    def _all(self, place: Point) -> list[tuple[float, Item]]:
        found = [
            (hypot(entry.place[0] - place[0], entry.place[1] - place[1]), entry.number, item)
            for item, entry in self._entries.items()
        ]
        return [(distance, item) for distance, _, item in sorted(found, key=_both)]

    def along(self, origin: Point, direction: Point, length: float) -> list[tuple[float, Item]]:
        """Whom a ray meets, each with its radius, and how far away: nearest first.

        Who stands at the origin is met at distance 0. The direction may be of any length but 0.
        """
        size = hypot(*direction)
        if not size:
            raise ValueError("a ray needs a direction other than (0, 0)")
        way = (direction[0] / size, direction[1] / size)
        found: dict[int, tuple[float, int, Item]] = {}
        # Pieces of the ray as long as a cell: their boxes together are hardly larger than the ray.
        pieces = min(int(length / self.cell), len(self._cells)) + 1
        for piece in range(pieces):
            ends = [_on(origin, way, length * share / pieces) for share in (piece, piece + 1)]
            low = (min(x for x, _ in ends) - self._widest, min(y for _, y in ends) - self._widest)
            high = (max(x for x, _ in ends) + self._widest, max(y for _, y in ends) + self._widest)
            for item, entry in self._between(low, high):
                if entry.number not in found:
                    distance = _entered(origin, way, entry)
                    if distance <= length:
                        found[entry.number] = (distance, entry.number, item)
        return [(distance, item) for distance, _, item in sorted(found.values(), key=_both)]


def _on(origin: Point, way: Point, distance: float) -> Point:
    return (origin[0] + way[0] * distance, origin[1] + way[1] * distance)


def _entered(origin: Point, way: Point, entry: _Entry) -> float:
    """How far a ray goes until it enters a circle; inf if it misses it."""
    x, y = entry.place[0] - origin[0], entry.place[1] - origin[1]
    along, aside = x * way[0] + y * way[1], x * way[1] - y * way[0]
    depth = entry.radius**2 - aside**2
    half = sqrt(max(depth, 0.0))
    if depth < -1e-18 * max(along * along, 1.0) or along + half < 0:
        return inf
    return max(along - half, 0.0)


def _first(found: tuple[int, Item]) -> int:
    return found[0]


def _both(found: tuple[float, int, Item]) -> tuple[float, int]:
    return found[0], found[1]
