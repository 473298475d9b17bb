"""`Stream`: random numbers that are the same everywhere and whose whole state is one number.

SplitMix64 (Steele, Lea, Flood 2014): the n-th number is a mix of ``key + n * golden ratio``, so its state is its
count. The standard library's generator would need 2.5 kB for each entity, and its methods change between versions.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def key_of(seed: int, name: str) -> int:
    """The key of the stream ``name`` in a world with this seed: 64 bits."""
    return int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "little")


class Stream:
    """One stream. ``count`` says how many numbers were drawn; setting it goes there."""

    __slots__ = ("count", "key")

    def __init__(self, key: int, count: int = 0) -> None:
        self.key = key
        self.count = count

    def bits(self) -> int:
        """64 random bits."""
        self.count += 1
        z = (self.key + self.count * _GOLDEN) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def random(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def uniform(self, low: float, high: float) -> float:
        """A number between ``low`` and ``high``."""
        return low + (high - low) * self.random()

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def below(self, count: int) -> int:
        """A whole number in [0, count); the bias is under count / 2^64."""
        if count < 1:
            raise ValueError(f"A number below {count} was asked for; give 1 or more.")
        return (self.bits() * count) >> 64

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[Item]) -> None:
        """Put the items into random order, in place."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """``count`` different items, in random order."""
        if not 0 <= count <= len(items):
            raise ValueError(f"{count} of {len(items)} items were asked for; give 0 to {len(items)}.")
        pool = list(items)
        self.shuffle(pool)
        return pool[:count]

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A normally distributed number (Box and Muller; two draws, nothing kept between calls)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mean + deviation * radius * math.cos(math.tau * self.random())
