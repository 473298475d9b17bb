"""`Surroundings`: all that an engine takes from outside besides its store: time, and randomness."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Surroundings:
    """Wall-clock seconds, and a source of random numbers.

    Waiting is the event loop's: a loop whose ``time()`` jumps, with a ``clock`` that follows it and a seeded
    ``random``, gives runs that repeat exactly. The default source is the system's, so that ids cannot be guessed.
    """

    clock: Callable[[], float] = time.time
    random: random.Random = field(default_factory=random.SystemRandom)

    def new_id(self) -> str:
        """A random UUID, as text."""
        return str(UUID(int=self.random.getrandbits(128), version=4))


def real_surroundings() -> Surroundings:
    """The system's clock and its source of randomness."""
    return Surroundings()
