"""`Legs`: arrow keys that are held down for a time, whatever the bot is looking at meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping

from fw_input import InputSimulator

SPEED = 220.0
"""Pixels a second that the player goes while a key is down."""
DELAY = 0.03
"""Seconds from a key to the picture that shows what it did."""
_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class Legs:
    """Walks while `run` runs. A key goes up by itself: the next look may come late, and must not be waited for."""

    def __init__(self, hands: InputSimulator) -> None:
        self._hands = hands
        self._until: dict[str, float] = {}
        self._pressed: dict[str, float] = {}
        self._steps: deque[tuple[str, float, float]] = deque(maxlen=200)
        self._news = asyncio.Event()
        self._done = asyncio.Event()

    def walk(self, seconds: Mapping[str, float]) -> None:
        """Hold down exactly these keys from now on, each for so long."""
        now = time.monotonic()
        self._until = {key: now + length for key, length in seconds.items()}
        self._done.clear()
        self._news.set()

    async def stand(self) -> None:
        """Return when all keys are up."""
        self.walk({})
        await self._done.wait()

    def gone(self, since: float) -> tuple[float, float]:
        """Pixels, to the right and down, that are not to be seen yet in a picture of that time."""
        first, now = since - DELAY, time.monotonic()
        steps = [*self._steps, *((key, begun, now) for key, begun in self._pressed.items())]
        x = y = 0.0
        for key, begun, ended in steps:
            dx, dy = _DIRECTIONS[key]
            seconds = max(0.0, ended - max(begun, first))
            x, y = x + dx * seconds * SPEED, y + dy * seconds * SPEED
        return x, y

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                self._news.clear()
                now = time.monotonic()
                wanted = {key: end for key, end in self._until.items() if end > now}
                for key in sorted(self._pressed.keys() - wanted):
                    await self._up(key)
                for key in sorted(wanted.keys() - self._pressed):
                    self._pressed[key] = time.monotonic()  # before: cancelled in the middle, it may be down
                    await self._hands.press(key)
                    self._pressed[key] = time.monotonic()
                if not (wanted or self._until):
                    self._done.set()
                await self._wait(min(wanted.values(), default=None))
        finally:
            for key in sorted(self._pressed):
                await self._up(key)

    async def _up(self, key: str) -> None:
        await self._hands.release(key)
        self._steps.append((key, self._pressed.pop(key), time.monotonic()))

    async def _wait(self, end: float | None) -> None:
        """For news, or until it is time to let a key go."""
        try:
            async with asyncio.timeout(None if end is None else max(0.0, end - time.monotonic())):
                await self._news.wait()
        except TimeoutError:
            return
