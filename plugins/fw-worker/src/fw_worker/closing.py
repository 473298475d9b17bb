"""How far the stop of a worker has come, and waits that it cuts short."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Step(asyncio.Event):
    """A step of the stop: an event that also calls those who want to be told, which costs no task."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[object, Callable[[], object]] = {}

    def set(self) -> None:
        """Happen."""
        super().set()
        for callback in tuple(self._told.values()):
            callback()

    @contextmanager
    def telling(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call it when the step is taken, if that is within this block."""
        key = object()
        self._told[key] = callback
        try:
            yield
        finally:
            del self._told[key]


class Closing:
    """Two steps: `asked` (take nothing new, finish what runs), then `expired` (time is up, hand in what is done)."""

    def __init__(self) -> None:
        self.asked = Step()
        self.expired = Step()

    async def pause(self, seconds: float) -> None:
        """Wait that long, or until the next step of the stop."""
        if self.expired.is_set():
            # No step is left that could cut this short; whoever waits now is ended by its owner.
            await asyncio.sleep(seconds)
            return
        step = self.expired if self.asked.is_set() else self.asked
        try:
            async with asyncio.timeout(seconds):
                await step.wait()
        except TimeoutError:
            return

    async def rest(self, seconds: float) -> None:
        """Wait that long, but not a moment once the stop was asked for."""
        if not self.asked.is_set():
            await self.pause(seconds)

    async def until(self, event: asyncio.Event) -> bool:
        """Wait for an event; False if the stop was asked for, before or meanwhile."""
        if not (event.is_set() or self.asked.is_set()):
            waiting = asyncio.create_task(event.wait())
            try:
                with self.asked.telling(waiting.cancel):
                    await asyncio.wait({waiting})
            finally:
                waiting.cancel()
        return not self.asked.is_set()
