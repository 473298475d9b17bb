"""`Sight`: from pixels to facts. All that the bot knows of the game comes through here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from fw_vision import Frame, OCRModule, Region, ScreenCapturer, Template, find_color, find_template, lines

BAR_COLOR = (40, 44, 90)
PLAYER, COIN, BUTTON = (70, 130, 250), (250, 210, 40), (40, 150, 90)
WIDTH, HEIGHT, BAR = 640, 440, 40


def window(frame: Frame) -> Region | None:
    """Where the game is on the screen: its title bar has a colour of its own."""
    bars = find_color(frame, BAR_COLOR, tolerance=6, smallest=WIDTH * BAR // 2)
    place = Region(bars[0].region.left, bars[0].region.top, WIDTH, HEIGHT) if bars else None
    return place if place is not None and frame.region.holds(place) else None


class Sight:
    """Looks at the game's window and tells what it shows."""

    def __init__(self, capturer: ScreenCapturer, ocr: OCRModule) -> None:
        self._capturer = capturer
        self._ocr = ocr
        self.window = Region(0, 0, WIDTH, HEIGHT)

    async def find(self, timeout: float) -> None:
        """Wait until the game is there. Raises `TimeoutError`."""
        # All that takes long is done in threads: a loop that gives no answer loses its hands.
        self._mine = await asyncio.to_thread(Template.from_file, Path(__file__).with_name("mine.png"))
        self.window = await self._capturer.until(window, timeout=timeout)

    @property
    def room(self) -> Region:
        """Where one can go."""
        return Region(self.window.left, self.window.top + BAR, WIDTH, HEIGHT - BAR)

    def frames(self) -> AsyncGenerator[Frame, None]:
        """The window, at most 40 times a second."""
        return self._capturer.stream(40, self.window)

    async def facts(self, frame: Frame) -> dict[str, Any]:
        """What can be seen in a frame, by the names that the mind uses."""
        bar = frame.crop(Region(self.window.left, self.window.top, WIDTH // 2, BAR))
        words = [word.text for word in await self._ocr.read(bar, "line", scale=2, invert=True)]
        seen: dict[str, Any] = {
            "time": frame.time,
            "phase": words[0].upper() if words else "",
            "bar": " ".join(words).upper(),
        }
        room = frame.crop(self.room)
        if seen["phase"] == "COINS":
            seen |= await asyncio.to_thread(self._things, room)
        elif seen["phase"] == "READY":
            buttons = await asyncio.to_thread(find_color, room, BUTTON, smallest=1000)
            seen["labels"] = [
                label
                for button in buttons
                for label in await self._ocr.read(frame.crop(button.region), "line", scale=2, invert=True)
            ]
        elif seen["phase"] == "GATE":
            seen["lines"] = lines(await self._ocr.read(room, "block", scale=2, invert=True), 0.3)
        return seen

    def _things(self, frame: Frame) -> dict[str, Any]:
        players, coins = find_color(frame, PLAYER), find_color(frame, COIN)
        return {
            "player": players[0].center if players else None,
            "coins": tuple(coin.center for coin in coins),
            "mines": tuple(mine.region.center for mine in find_template(frame, self._mine, 0.8)),
        }
