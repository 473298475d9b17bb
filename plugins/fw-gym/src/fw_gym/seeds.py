"""Random numbers as a function of a seed and a count, in whole numbers of 32 bits: for one lane or for a million.

The mix is `lowbias32` of Chris Wellons' hash prospector. An accelerator without 64-bit numbers gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MASK = 0xFFFFFFFF


class Words:
    """Mixes ints, or arrays of them; ``word`` makes constants of the right kind."""

    def __init__(self, word: Callable[[int], Any]) -> None:
        self._word = word
        self._mask, self._golden = word(MASK), word(0x9E3779B9)
        self._first, self._second = word(0x7FEB352D), word(0x846CA68B)
        self._shifts = word(16), word(15), word(8)

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
            self.mixed(seed ^ self.mixed(self._word(number * 0x9E3779B9 & MASK))) >> self._shifts[2]
            for number in range(1, count + 1)
        ]


INTS = Words(int)
