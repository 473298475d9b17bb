"""Series: the numbers of one metric for one set of label values. Any thread may change them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from threading import Lock
from time import perf_counter


class CounterSeries:
    """A number that only grows."""

    __slots__ = ("_lock", "value")

    def __init__(self) -> None:
        self._lock = Lock()
        self.value = 0.0

    def inc(self, amount: float = 1.0) -> None:
        """Add. Raises ValueError for less than nothing."""
        if amount < 0:
            raise ValueError(f"A counter only grows, so it cannot be changed by {amount}; use a gauge.")
        with self._lock:
            self.value += amount

    def reset(self) -> None:
        """Begin again."""
        self.value = 0.0


class GaugeSeries:
    """A number that goes up and down."""

    __slots__ = ("_lock", "value")

    def __init__(self) -> None:
        self._lock = Lock()
        self.value = 0.0

    def set(self, value: float) -> None:
        """Make it this."""
        self.value = float(value)

    def inc(self, amount: float = 1.0) -> None:
        """Add."""
        with self._lock:
            self.value += amount

    def dec(self, amount: float = 1.0) -> None:
        """Take away."""
        with self._lock:
            self.value -= amount

    def reset(self) -> None:
        """Begin again."""
        self.value = 0.0


class HistogramSeries:
    """How many values lie between which bounds."""

    __slots__ = ("_bounds", "_counts", "_lock", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._lock = Lock()
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        place = bisect_left(self._bounds, value)
        with self._lock:
            self._counts[place] += 1
            self._sum += value

    @contextmanager
    def time(self) -> Iterator[None]:
        """Count the seconds that the block takes, whether it fails or not."""
        started = perf_counter()
        try:
            yield
        finally:
            self.observe(perf_counter() - started)

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    @property
    def sum(self) -> float:
        """All values together."""
        return self._sum

    def cumulative(self) -> tuple[list[tuple[float, int]], float]:
        """The number of values up to each bound, the last of them infinite, and the sum, all of one moment."""
        with self._lock:
            counts, total = list(self._counts), self._sum
        so_far, found = 0, []
        for bound, count in zip((*self._bounds, inf), counts, strict=True):
            so_far += count
            found.append((bound, so_far))
        return found, total

    def reset(self) -> None:
        """Begin again."""
        with self._lock:
            self._counts = [0] * len(self._counts)
            self._sum = 0.0
