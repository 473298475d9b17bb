"""How many tasks may run at a time, over all orchestrators."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """Counts. `room` is set while a slot is free."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self.room = asyncio.Event()
        self.room.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Occupy a slot. Nobody is kept waiting: who waits for `room` first keeps the limit."""
        self._change(-1)
        try:
            yield
        finally:
            self._change(+1)

    def _change(self, by: int) -> None:
        self._free += by
        if self._free > 0:
            self.room.set()
        else:
            self.room.clear()
