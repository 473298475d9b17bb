"""`Lane`: one thread, and what is done in it, one thing after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

Told = Callable[[BaseException | None], None]


class Lane:
    """Does what it is given in its thread, and tells the event loop that made it; each word costs the loop one call.

    The executors of the standard library take three times as long about it.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._given: SimpleQueue[tuple[Callable[[], object], Told] | None] = SimpleQueue()
        # A daemon: a program that ends without closing need not wait for it, as it need not survive a crash.
        Thread(target=self._run, name=name, daemon=True).start()

    def give(self, work: Callable[[], object], told: Told) -> None:
        """Do it; then, in the loop, tell what it raised, if anything."""
        self._given.put((work, told))

    async def do(self, work: Callable[[], object]) -> None:
        """Do it, and wait for it even if the caller is cancelled meanwhile. Raises what it raised."""
        done: asyncio.Future[None] = self._loop.create_future()

        def told(error: BaseException | None) -> None:
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        self.give(work, told)
        await asyncio.shield(done)

    def end(self) -> None:
        """End the thread after what has been given."""
        self._given.put(None)

    def _run(self) -> None:
        while (given := self._given.get()) is not None:
            work, told = given
            error: BaseException | None = None
            try:
                work()
            except BaseException as raised:  # noqa: BLE001 - it is told to whoever waits
                error = raised
            self._tell(told, error)
            del given, work, told, error

    def _tell(self, told: Callable[..., Any], error: BaseException | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(told, error)
