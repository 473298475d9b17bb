"""Spaces: what a sensor may give and an effector may take. Words and meaning are those of Gymnasium."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fw_environment.errors import OutOfSpace
from fw_environment.stream import Stream


class Space(ABC):
    """A set of values."""

    @abstractmethod
    def checked(self, value: Any, place: str = "The space") -> Any:
        """``value`` as plain data; `OutOfSpace` names ``place`` where it does not lie in the space."""

    @abstractmethod
    def sample(self, stream: Stream) -> Any:
        """A random value of the space, as plain data."""

    def contains(self, value: Any) -> bool:
        """Whether ``value`` lies in the space."""
        try:
            self.checked(value)
        except OutOfSpace:
            return False
        return True


@dataclass(frozen=True)
class Box(Space):
    """A number between ``low`` and ``high``, both included; with ``shape``, a tuple of so many numbers.

    One dimension is enough: ``shape`` is its length, or None for a bare number. Bounds may be infinite.
    """

    low: float = -math.inf
    high: float = math.inf
    shape: int | None = None

    def _number(self, value: Any, whole: Any, place: str) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise OutOfSpace(place, whole, self) from error
        if not self.low <= number <= self.high:
            raise OutOfSpace(place, whole, self)
        return number

    def checked(self, value: Any, place: str = "The space") -> Any:
        """A float, or a tuple of floats."""
        if self.shape is None:
            return self._number(value, value, place)
        try:
            items = tuple(value)
        except TypeError as error:
            raise OutOfSpace(place, value, self) from error
        if len(items) != self.shape:
            raise OutOfSpace(place, value, self)
        return tuple([self._number(item, value, place) for item in items])

    def sample(self, stream: Stream) -> Any:
        """Even between finite bounds; exponential from one bound, normal without any."""
        if self.shape is None:
            return self._draw(stream)
        return tuple([self._draw(stream) for _ in range(self.shape)])

    def _draw(self, stream: Stream) -> float:
        if math.isfinite(self.low) and math.isfinite(self.high):
            return min(stream.uniform(self.low, self.high), self.high)
        if math.isfinite(self.low):
            return self.low - math.log(1.0 - stream.random())
        if math.isfinite(self.high):
            return self.high + math.log(1.0 - stream.random())
        return stream.normal()


@dataclass(frozen=True)
class Discrete(Space):
    """A whole number in [0, n)."""

    n: int

    def checked(self, value: Any, place: str = "The space") -> int:
        """An int."""
        try:
            number = int(value)
        except (TypeError, ValueError) as error:
            raise OutOfSpace(place, value, self) from error
        if number != value or not 0 <= number < self.n:
            raise OutOfSpace(place, value, self)
        return number

    def sample(self, stream: Stream) -> int:
        """Each number as likely as any other."""
        return stream.below(self.n)


@dataclass(frozen=True)
class Dict(Space):
    """A mapping of names to values, each from a space of its own."""

    spaces: Mapping[str, Space]

    def checked(self, value: Any, place: str = "The space") -> dict[str, Any]:
        """A dict in the order of the declaration."""
        if not isinstance(value, Mapping) or set(value) != set(self.spaces):
            raise OutOfSpace(place, value, self)
        return {name: space.checked(value[name], f"{place}[{name!r}]") for name, space in self.spaces.items()}

    def sample(self, stream: Stream) -> dict[str, Any]:
        """A value from each space."""
        return {name: space.sample(stream) for name, space in self.spaces.items()}
