"""`Chance`: all that is random in a simulation, and its record."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """How often things go wrong: the share of calls, polls, results, tasks that meet each fault."""

    crash: float = 0.01
    lost_call: float = 0.02
    lost_answer: float = 0.02
    dropped_poll: float = 0.1
    duplicate: float = 0.15
    silent: float = 0.1
    failure: float = 0.1
    slow: float = 0.1


NONE = Rates(*[0.0] * 8)
"""Nothing goes wrong."""


class Chance:
    """Draws from a seed. ``rates`` may change; ``trace`` tells what has happened, when and to whom."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.draw = random.Random(seed)  # noqa: S311 (a course that repeats is the purpose)
        much = self.draw.choice((0.0, 0.3, 1.0, 3.0))
        self.rates = Rates(**{name: rate * much for name, rate in vars(Rates()).items()})
        self.trace: list[str] = []

    def strikes(self, rate: float) -> bool:
        """Whether something happens that has this rate."""
        return rate > 0 and self.draw.random() < rate

    async def pause(self, longest: float) -> None:
        """Some time, mostly short."""
        await asyncio.sleep(self.draw.random() ** 3 * longest)

    def note(self, who: str, what: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{asyncio.get_running_loop().time():10.4f} {who:8} {what}")
