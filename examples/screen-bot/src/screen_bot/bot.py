"""`Bot`: looks, thinks, acts, until the game says that it is over."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

from framework import Component
from fw_behavior import BehaviorTree, Blackboard
from fw_behavior.waking import run
from fw_input import InputKilled, InputSimulator
from fw_vision import OCRModule, ScreenCapturer
from screen_bot.film import Film
from screen_bot.legs import Legs
from screen_bot.mind import Body, mind
from screen_bot.sight import Sight


class Bot(Component):
    """A player with eyes (capture and OCR) and hands (mouse and keys), and nothing else."""

    def __init__(self, capturer: ScreenCapturer, ocr: OCRModule, hands: InputSimulator) -> None:
        self._sight = Sight(capturer, ocr)
        self._hands = hands
        self.film = Film()
        self.looks = 0

    async def play(self, timeout: float) -> bool:
        """Whether it won. Raises `TimeoutError` if the game does not end, `InputKilled` if a person takes over."""
        async with asyncio.timeout(timeout):
            await self._sight.find(timeout)
            legs = Legs(self._hands)
            tree = BehaviorTree(mind(Body(self._hands, legs, self._sight.room)), Blackboard())
            try:
                async with asyncio.TaskGroup() as group:
                    walking = group.create_task(legs.run())
                    try:
                        return await self._watch(tree)
                    finally:
                        walking.cancel()
            except ExceptionGroup:
                if self._hands.killed:
                    raise InputKilled(self._hands.killed) from None
                raise
            finally:
                await tree.aclose()

    async def _watch(self, tree: BehaviorTree) -> bool:
        async with aclosing(self._sight.frames()) as frames:
            async for frame in frames:
                self.looks += 1
                if self._hands.killed:
                    raise InputKilled(self._hands.killed)
                self.film.add(frame)
                seen = await self._sight.facts(frame)
                if seen["bar"] in ("YOU WIN", "GAME OVER"):
                    return bool(seen["bar"] == "YOU WIN")
                for name, value in seen.items():
                    tree.blackboard[name] = value
                await run(tree)
        raise AssertionError("a stream does not end")


def speed(bot: Bot, began: float) -> str:
    """Looks a second, for the report."""
    return f"{bot.looks} looks, {bot.looks / (time.monotonic() - began):.0f} a second"
