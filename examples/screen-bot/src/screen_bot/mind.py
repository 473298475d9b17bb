"""What the bot does about what it sees: a behaviour tree on a blackboard."""

from __future__ import annotations

from collections.abc import Callable

from fw_behavior import Blackboard, Node, Selector, Sequence, Status, condition
from fw_behavior.status import FAILURE, SUCCESS
from fw_input import InputSimulator
from fw_vision import Region, TextBox
from screen_bot.legs import SPEED, Legs
from screen_bot.path import way

CLEARANCES = (60, 36)
"""Pixels between the middle of a mine and the way: both radii, and what one may go too far; less at need."""
NEAR = 6
"""Pixels within which an arrow key does more harm than good."""


def phase(name: str) -> Callable[[Blackboard], bool]:
    """Whether the bar of the game says so."""

    @condition(reads=["phase"])
    def shown(bb: Blackboard) -> bool:
        return bool(bb["phase"] == name)

    return shown


class Body:
    """What the mind can do: with the mouse, with keys, and with legs."""

    def __init__(self, hands: InputSimulator, legs: Legs, room: Region) -> None:
        self._hands = hands
        self._legs = legs
        self._room = room

    async def press_start(self, bb: Blackboard) -> Status:
        """Click the word."""
        found: list[TextBox] = [label for label in bb["labels"] if label.text.upper() == "START"]
        if not found:
            return FAILURE
        await self._hands.click(*found[0].region.center)
        return SUCCESS

    async def answer(self, bb: Blackboard) -> Status:
        """Type the word that stands below the question."""
        await self._legs.stand()
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

    def steer(self, bb: Blackboard) -> None:
        """Go to the next point from where the player is by now; the picture is some time old."""
        (x, y), (player_x, player_y), (gone_x, gone_y) = bb["next"], bb["player"], self._legs.gone(bb["time"])
        right, down = x - player_x - gone_x, y - player_y - gone_y
        ways = {"right" if right > 0 else "left": abs(right), "down" if down > 0 else "up": abs(down)}
        self._legs.walk({key: pixels / SPEED for key, pixels in ways.items() if pixels > NEAR})

    async def wait(self, bb: Blackboard) -> None:
        """Stand still: nothing is sure."""
        await self._legs.stand()


def mind(body: Body) -> Node:
    """The tree."""
    return Selector(
        Sequence(phase("COINS"), body.choose, body.steer, name="collect"),
        Sequence(phase("READY"), body.press_start, name="start"),
        Sequence(phase("GATE"), body.answer, name="gate"),
        body.wait,
        name="play",
    )
