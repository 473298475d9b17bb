"""`ScreenCapturer`: pictures of the screen, one or a stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Self, TypeVar

from fw_vision.errors import OutsideScreen
from fw_vision.frame import Frame
from fw_vision.own_thread import OwnThread
from fw_vision.region import Region
from fw_vision.screen import MssScreen, Screen

Found = TypeVar("Found")


class ScreenCapturer:
    """Looks at a screen in a thread of its own. Use with ``async with``, or `start` and `stop`."""

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen or MssScreen()
        self._thread = OwnThread("screen", "ScreenCapturer")
        self.monitors: list[Region] = []

    async def start(self) -> None:
        """Connect. Raises `NoScreen`."""
        await self._thread.start(self._open, self._screen.close)

    def _open(self) -> None:
        self._screen.open()
        self.monitors = self._screen.monitors()

    async def stop(self) -> None:
        """Disconnect; streams that still run get an error."""
        await self._thread.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    @property
    def whole(self) -> Region:
        """All monitors together."""
        return self.monitors[0]

    async def grab(self, region: Region | None = None) -> Frame:
        """What is on the screen now, or in a region of it. Raises `OutsideScreen`."""
        wanted = region or self.whole
        if wanted.area <= 0 or not self.whole.holds(wanted):
            raise OutsideScreen(wanted, self.whole)
        return await self._thread.call(lambda: Frame(self._screen.grab(wanted), wanted, time.monotonic()))

    async def stream(
        self, rate: float, region: Region | None = None, changed: float | None = None
    ) -> AsyncGenerator[Frame, None]:
        """Frames, at most ``rate`` a second; a slow reader gets fewer, never old ones.

        With ``changed`` only those that differ from the one given before in more than that share of their pixels (0 to
        1, 0 for any change); the first is always given. Ends with the loop that reads it.
        """
        from fw_vision.changes import difference

        if rate <= 0:
            raise ValueError(f"rate must be greater than 0, not {rate}")
        due, last = time.monotonic(), None
        while True:
            frame = await self.grab(region)
            if last is None or changed is None or (await self._thread.call(difference, last, frame)).share > changed:
                last = frame
                yield frame
            due = max(due + 1 / rate, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def until(
        self, look: Callable[[Frame], Found | None], *, timeout: float, rate: float = 20.0, region: Region | None = None
    ) -> Found:
        """The first thing that ``look`` finds (not None, not False, not empty). It runs in the screen's thread.

        Raises `TimeoutError`.
        """
        async with asyncio.timeout(timeout):
            async with aclosing(self.stream(rate, region)) as frames:
                async for frame in frames:
                    found = await self._thread.call(look, frame)
                    if found:
                        return found
        raise AssertionError("a stream does not end")
