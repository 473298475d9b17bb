"""`Outbox`: answers that leave together at the end of a turn of the loop."""

from __future__ import annotations

import asyncio


class Outbox:
    """Lets answers wait for those that are made in the same turn of the loop, and sends them one after the other.

    Waking a reader that sleeps costs more than the sending itself. A proxy with many connections is woken once for all
    of them, and has nothing to sleep for between them. An answer that is the last of its turn does not wait.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def put(self, loop: asyncio.AbstractEventLoop, wire: asyncio.Transport, data: bytes) -> None:
        """Send it at the end of this turn. Until then nothing else may be written to the connection, nor may it close
        without :meth:`flush`.
        """
        if not self._waiting:
            # What asyncio has still to run in this turn. uvloop has no such list; there all writing waits anyway.
            if not getattr(loop, "_ready", None):
                wire.write(data)
                return
            loop.call_soon(self.flush)
        self._waiting.append((wire, data))

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for wire, data in waiting:
                wire.write(data)
