"""`Marks`: what is good for one use, and was used."""

from __future__ import annotations

from heapq import heappop, heappush


class Marks:
    """Remembers each mark until its end; a call costs O(log n)."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}
        self._ends: list[tuple[float, str]] = []

    def use(self, mark: str, now: float, until: float) -> float | None:
        """When it was used before; None and noted if it was not."""
        while self._ends and self._ends[0][0] <= now:
            del self._used[heappop(self._ends)[1]]
        if mark in self._used:
            return self._used[mark]
        self._used[mark] = now
        heappush(self._ends, (until, mark))
        return None
