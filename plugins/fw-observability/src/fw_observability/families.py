"""Families: a metric with its name, its help and a series for each set of label values."""

from __future__ import annotations

import logging
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from framework import BootstrapError, FrameworkError
from fw_observability.config import SECONDS
from fw_observability.series import CounterSeries, GaugeSeries, HistogramSeries

log = logging.getLogger("fw_observability")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")


class Series(Protocol):
    """What every kind of series can do."""

    def reset(self) -> None:
        """Begin again."""


S = TypeVar("S", bound=Series)


class Limit:
    """How many series a metric may have; shared by the metrics of an App, and set when its settings are known."""

    def __init__(self) -> None:
        self.series = 1000


class Family(Generic[S]):
    """``dropped`` counts how often a series was asked for that would have been one too many."""

    kind: ClassVar[str]

    def __init__(self, name: str, help: str, labels: Sequence[str], limit: Limit) -> None:
        wrong = [label for label in labels if not LABEL.fullmatch(label) or label == "le"]
        if not NAME.fullmatch(name) or wrong or isinstance(labels, str) or len(set(labels)) < len(labels):
            raise BootstrapError(
                f"Metric {name!r} with labels {labels!r} cannot be declared.",
                remedy="Names are letters, digits and underscores, labels a list of different ones, none of them 'le'.",
            )
        self.name = name
        self.help = help
        self.label_names = tuple(labels)
        self.dropped = 0
        self._limit = limit
        self._lock = Lock()
        self._series: dict[tuple[str, ...], S] = {}
        self._by_values: Mapping[tuple[object, ...], S] = cast("Any", self._series)
        self._overflow = self._make()
        if not labels:
            self._series[()] = self._make()

    @abstractmethod
    def _make(self) -> S:
        """A new series."""

    def labels(self, *values: object, **named: object) -> S:
        """The series of these label values, by position or by name; keep it where it is used often.

        Where there would be more than ``[observability] max_series``, what is done to it is dropped, and counted.
        Raises :class:`FrameworkError` for other labels than declared.
        """
        found: S | None = None if named else self._by_values.get(values)
        return found if found is not None else self._find(values, named)

    def _find(self, values: tuple[object, ...], named: dict[str, object]) -> S:
        if (values and named) or len(values or named) != len(self.label_names) or (named.keys() - self.label_names):
            raise FrameworkError(
                f"Metric {self.name!r} has the labels {self.label_names}, not {values or tuple(named)}.",
                remedy="Give a value for each, all by position or all by name.",
            )
        key = tuple(str(value) for value in values or (named[name] for name in self.label_names))
        with self._lock:
            found = self._series.get(key)
            if found is None:
                if len(self._series) >= self._limit.series:
                    return self._one_too_many(key)
                found = self._series[key] = self._make()
        return found

    def _one_too_many(self, key: tuple[str, ...]) -> S:
        if not self.dropped:
            log.warning(
                "metric %r has %d series; more are dropped, the first one %r. A label that takes any value, such as a "
                "path or a user, does not belong on a metric; else raise [observability] max_series.",
                self.name,
                len(self._series),
                dict(zip(self.label_names, key, strict=True)),
            )
        self.dropped += 1
        return self._overflow

    def is_like(self, other: Family[Any]) -> bool:
        """Whether both have one kind, name and labels."""
        return type(self) is type(other) and (self.name, self.label_names) == (other.name, other.label_names)

    @property
    def series(self) -> list[tuple[tuple[str, ...], S]]:
        """All series with their label values."""
        return list(self._series.items())

    @property
    def sole(self) -> S:
        """The series of a metric without labels. Raises :class:`FrameworkError` for one with labels."""
        try:
            return self._series[()]
        except KeyError:
            return self._find((), {})

    def reset(self) -> None:
        """Begin again: all series at nothing."""
        self.dropped = 0
        for _, series in self.series:
            series.reset()


class Counter(Family[CounterSeries]):
    """Counts what happens."""

    kind = "counter"

    def _make(self) -> CounterSeries:
        return CounterSeries()

    def inc(self, amount: float = 1.0) -> None:
        """Add, to a counter without labels."""
        self.sole.inc(amount)


class Gauge(Family[GaugeSeries]):
    """Says how much there is now."""

    kind = "gauge"

    def _make(self) -> GaugeSeries:
        return GaugeSeries()

    def set(self, value: float) -> None:
        """Make it this, of a gauge without labels."""
        self.sole.set(value)

    def inc(self, amount: float = 1.0) -> None:
        """Add, to a gauge without labels."""
        self.sole.inc(amount)

    def dec(self, amount: float = 1.0) -> None:
        """Take away, from a gauge without labels."""
        self.sole.dec(amount)


class Histogram(Family[HistogramSeries]):
    """Counts values by size. ``buckets`` are upper bounds that rise; the last one, infinity, is added."""

    kind = "histogram"

    def __init__(
        self, name: str, help: str, labels: Sequence[str], limit: Limit, buckets: Sequence[float] | None = None
    ) -> None:
        self.buckets = tuple(SECONDS if buckets is None else (float(bound) for bound in buckets))
        if not self.buckets or sorted(set(self.buckets)) != list(self.buckets):
            raise BootstrapError(f"Metric {name!r}: buckets={buckets!r} do not rise.", remedy="Write (0.1, 1, 10).")
        super().__init__(name, help, labels, limit)

    def is_like(self, other: Family[Any]) -> bool:
        """See :class:`Family`; the buckets count too."""
        return isinstance(other, Histogram) and super().is_like(other) and self.buckets == other.buckets

    def _make(self) -> HistogramSeries:
        return HistogramSeries(self.buckets)

    def observe(self, value: float) -> None:
        """Count a value, in a histogram without labels."""
        self.sole.observe(value)

    def time(self) -> AbstractContextManager[None]:
        """Count the seconds that a block takes, in a histogram without labels."""
        return self.sole.time()
