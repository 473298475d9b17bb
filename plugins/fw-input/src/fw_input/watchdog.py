"""`Watchdog`: notices that an event loop has died, from outside of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class Watchdog(threading.Thread):
    """Calls ``bark`` with the reason, once, when the loop is closed or gives no answer for ``patience`` seconds.

    It is no daemon: a process whose loop has ended does not end before the watchdog has noticed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, patience: float, bark: Callable[[str], None]) -> None:
        super().__init__(name="input-watchdog")
        self._loop = loop
        self._patience = patience
        self._bark = bark
        self._ended = threading.Event()

    def end(self) -> None:
        """No more watching; it may take as long as the loop takes to answer."""
        self._ended.set()

    def run(self) -> None:
        """Until `end`."""
        while not self._ended.wait(self._patience / 4):
            answered = threading.Event()
            try:
                self._loop.call_soon_threadsafe(answered.set)
            except RuntimeError:
                self._bark("its event loop is closed")
                return
            if not answered.wait(self._patience) and not self._ended.is_set():
                self._bark(f"its event loop gave no answer for {self._patience} s")
                return
