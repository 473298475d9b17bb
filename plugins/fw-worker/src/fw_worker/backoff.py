"""Growing delays between attempts."""

import random


class Backoff:
    """Delays in seconds: `first`, twice that, and so on up to `most`, each off by up to a fifth.

    The spread keeps workers from coming back all at the same moment.
    """

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._next = first

    def delay(self) -> float:
        """The delay before the next attempt."""
        delay = min(self._next, self._most)
        self._next = delay * 2
        return delay * random.uniform(0.8, 1.2)  # noqa: S311 (nothing secret about it)

    def reset(self) -> None:
        """Start again with the first delay: an attempt succeeded."""
        self._next = self._first
