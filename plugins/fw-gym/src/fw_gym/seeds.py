"""Random numbers as a function of a seed and a count, in whole numbers of 32 bits: for one lane or for a million.

The mix is `lowbias32` of Chris Wellons' hash prospector. Libraries without 64-bit numbers, and those with nothing but
numbers with a sign, give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

MASK = 0xFFFFFFFF
_GOLDEN = 0x9E3779B9


class Words:
    """Mixes ints, arrays of them, or arrays of 64-bit integers with a sign.

    For arrays of a type without a sign, ``word`` makes constants of that type.
    """

    def __init__(self, word: Callable[[int], Any] | None = None) -> None:
        self.word = word or int
        # Of factors that are equal in the lower 32 bits, the nearest to 0: no product needs more than 63 bits.
        factor = word or _nearest
        self._mask, self._golden = self.word(MASK), factor(_GOLDEN)
        self._first, self._second = factor(0x7FEB352D), factor(0x846CA68B)
        self._shifts = self.word(16), self.word(15), self.word(8)

    @classmethod
    def of(cls, xp: Any) -> Words:
        """Those for arrays of :func:`word_type`."""
        return cls(partial(xp.asarray, dtype=xp.uint32)) if word_type(xp) == xp.uint32 else cls()

    def mixed(self, value: Any) -> Any:
        """Other bits for other bits, all 32 of them spread."""
        far, near, _ = self._shifts
        value = value & self._mask
        value = ((value ^ (value >> far)) * self._first) & self._mask
        value = ((value ^ (value >> near)) * self._second) & self._mask
        return value ^ (value >> far)

    def episode_seed(self, seed: Any, episode: Any) -> Any:
        """The seed of an episode: the first, 0, has the seed itself, those after it follow from that."""
        return (seed & self._mask) ^ self.mixed(episode * self._golden)

    def noise(self, seed: Any, count: int) -> list[Any]:
        """``count`` whole numbers in [0, 2^24)."""
        return [
            self.mixed(seed ^ self.mixed(self.word(number * _GOLDEN & MASK))) >> self._shifts[2]
            for number in range(1, count + 1)
        ]


def word_type(xp: Any) -> Any:
    """What words are on a library: torch cannot shift numbers without a sign, JAX often has none of 64 bits."""
    return xp.int64 if xp.__name__.endswith("torch") else xp.uint32


def _nearest(number: int) -> int:
    return number - (number >> 31 << 32)


INTS = Words()
