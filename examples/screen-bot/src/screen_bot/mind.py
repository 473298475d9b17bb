"""What the bot does about what it sees: a behaviour tree on a blackboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fw_behavior import Blackboard, Node, Selector, Sequence, Status, condition
from fw_behavior.status import FAILURE, SUCCESS
from fw_input import InputSimulator
from fw_vision import Region, TextBox
from screen_bot.path import way

CLEARANCES = (60, 36)
"""Pixels between the middle of a mine and the way: both radii, and what one goes before the next look; less at need."""
CAREFUL, STEP = 85, 0.05
"""Pixels to a mine below which keys are held for so many seconds only: the next look may come late."""
NEAR = 6
"""Pixels within which an arrow key does more harm than good."""


def phase(name: str) -> Callable[[Blackboard], bool]:
    """Whether the bar of the game says so."""

    @condition(reads=["phase"])
    def shown(bb: Blackboard) -> bool:
        return bool(bb["phase"] == name)

    return shown


class Body:
    """What the mind can do: with the mouse, and with keys that it holds down."""

    def __init__(self, hands: InputSimulator, room: Region) -> None:
        self._hands = hands
        self._room = room
        self._held: set[str] = set()

    async def hold(self, wanted: set[str]) -> None:
        """Hold exactly these keys down."""
        for key in sorted(self._held - wanted):
            await self._hands.release(key)
        for key in sorted(wanted - self._held):
            await self._hands.press(key)
        self._held = set(wanted)

    async def press_start(self, bb: Blackboard) -> Status:
        """Click the word."""
        found: list[TextBox] = [label for label in bb["labels"] if label.text.upper() == "START"]
        if not found:
            return FAILURE
        await self._hands.click(*found[0].region.center)
        return SUCCESS

    async def answer(self, bb: Blackboard) -> Status:
        """Type the word that stands below the question."""
        await self.hold(set())
        texts = [line.text.strip().upper() for line in bb["lines"]]
        asked = next((number for number, text in enumerate(texts) if "WORD" in text), None)
        if asked is None or asked + 1 >= len(texts):
            return FAILURE
        await self._hands.type(texts[asked + 1].lower() + "\n")
        return SUCCESS

    def choose(self, bb: Blackboard) -> Status:
        """The coin with the shortest way that keeps clear of the mines, and the next point on that way."""
        if bb["player"] is None:
            return FAILURE
        for clearance in CLEARANCES:
            ways = [way(bb["player"], coin, bb["mines"], clearance, self._room) for coin in bb["coins"]]
            if any(ways):
                break
        else:
            return FAILURE
        points = min(filter(None, ways), key=len)
        bb["next"] = points[min(1, len(points) - 1)]
        return SUCCESS

    async def steer(self, bb: Blackboard) -> None:
        """Towards the next point."""
        (x, y), (player_x, player_y) = bb["next"], bb["player"]
        wanted = {"right" if x > player_x else "left"} if abs(x - player_x) > NEAR else set()
        wanted |= {"down" if y > player_y else "up"} if abs(y - player_y) > NEAR else set()
        await self.hold(wanted)
        if any((player_x - a) ** 2 + (player_y - b) ** 2 < CAREFUL**2 for a, b in bb["mines"]):
            await asyncio.sleep(STEP)
            await self.hold(set())

    async def wait(self, bb: Blackboard) -> None:
        """Stand still: nothing is sure."""
        await self.hold(set())


def mind(body: Body) -> Node:
    """The tree."""
    return Selector(
        Sequence(phase("COINS"), body.choose, body.steer, name="collect"),
        Sequence(phase("READY"), body.press_start, name="start"),
        Sequence(phase("GATE"), body.answer, name="gate"),
        body.wait,
        name="play",
    )
