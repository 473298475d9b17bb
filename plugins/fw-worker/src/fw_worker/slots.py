"""How many tasks may run at a time, over all orchestrators."""

import asyncio


class Slots:
    """Counts. `room` is set while a slot is free; whoever waits for it before taking one keeps the limit."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self.room = asyncio.Event()
        self.room.set()

    def take(self) -> None:
        """Occupy a slot. Never waits."""
        self._change(-1)

    def give_back(self) -> None:
        """Free a slot that was taken."""
        self._change(+1)

    def _change(self, by: int) -> None:
        self._free += by
        if self._free > 0:
            self.room.set()
        else:
            self.room.clear()
