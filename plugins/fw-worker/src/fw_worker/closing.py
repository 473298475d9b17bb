"""How far the stop of a worker has come, and waits that it cuts short."""

import asyncio


class Closing:
    """Two steps: `asked` (take nothing new, finish what runs), then `expired` (time is up, hand in what is done)."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.expired = asyncio.Event()

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
        await first_of(event, self.asked)
        return not self.asked.is_set()


async def first_of(*events: asyncio.Event) -> None:
    """Return when the first of the events is set."""
    if any(event.is_set() for event in events):
        return
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
