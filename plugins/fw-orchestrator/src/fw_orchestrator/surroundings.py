"""`Surroundings`: all that an engine takes from outside besides its store: time, and randomness."""

from __future__ import annotations

import random
import time
from asyncio import get_running_loop
from collections.abc import Callable
from dataclasses import dataclass, field

from fw_orchestrator.drawn import Drawn

_48_BITS = (1 << 48) - 1
_62_BITS = (1 << 62) - 1


@dataclass
class Surroundings:
    """Wall-clock seconds, seconds that never jump, and a source of random numbers.

    Waiting is the event loop's: a loop whose ``time()`` jumps, with a ``clock`` that follows it and a seeded
    ``random``, gives runs that repeat exactly. The default source is the system's, so that ids cannot be guessed.
    """

    clock: Callable[[], float] = time.time
    random: random.Random = field(default_factory=Drawn)
    steady: Callable[[], float] = lambda: get_running_loop().time()

    def new_id(self) -> str:
        """A UUID of version 7, as text: the time in milliseconds, then 74 random bits."""
        bits = self.random.getrandbits(74)
        time = int(self.clock() * 1000) & _48_BITS
        text = f"{time << 80 | 0x7 << 76 | bits >> 62 << 64 | 0b10 << 62 | bits & _62_BITS:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def real_surroundings() -> Surroundings:
    """The system's clock and its source of randomness."""
    return Surroundings()
