"""When each unit of an application began to start and was up, and which of them the others waited for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """The start of one unit. Seconds since the first unit began."""

    unit: str
    needs: frozenset[str]
    begun: float
    up: float

    @property
    def took(self) -> float:
        """Seconds of its own start, without waiting for what it needs."""
        return self.up - self.begun


def critical_path(timings: Mapping[str, Timing]) -> list[str]:
    """From a unit that needed nothing to the one that was up last, each the one its successor waited for longest."""
    path: list[str] = []
    waited: Collection[str] = timings
    while waited:
        path.append(max(sorted(waited), key=lambda name: timings[name].up))
        waited = timings[path[-1]].needs
    return path[::-1]


def tree(timings: Mapping[str, Timing], path: Collection[str]) -> Iterator[str]:
    """A line for each unit, below it what it needs; ``*`` marks those of ``path``. Each unit is told of once."""
    needed = {need for timing in timings.values() for need in timing.needs}
    told: set[str] = set()
    for name in sorted(timings, key=lambda name: -timings[name].up):
        if name not in needed:
            yield from _branch(name, timings, path, told, 0)


def _branch(
    name: str, timings: Mapping[str, Timing], path: Collection[str], told: set[str], depth: int
) -> Iterator[str]:
    timing = timings[name]
    mark = "*" if name in path else " "
    seen = name in told and timing.needs
    yield f"{timing.took:8.3f} s {mark} {'  ' * depth}{name}{' (see above)' if seen else ''}"
    if name not in told:
        told.add(name)
        for need in sorted(timing.needs, key=lambda need: (-timings[need].up, need)):
            yield from _branch(need, timings, path, told, depth + 1)
