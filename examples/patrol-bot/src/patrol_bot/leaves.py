"""What the tree of a bot may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import hypot, inf
from typing import Any

from fw_behavior import RUNNING, SUCCESS, Blackboard, Status, action, condition
from fw_environment import Action, ActionStatus
from patrol_bot.yard import PLACES, Bot


def leaves_of(bot: Bot) -> Mapping[str, Callable[..., Any]]:
    """The functions by the names that they have in the file."""

    @condition(id="SeesIntruder")
    def sees(bb: Blackboard) -> bool:
        return bot.nearest() is not None

    @action(id="Bark")
    def bark(bb: Blackboard) -> None:
        bot.barks += 1
        if (fox := bot.nearest()) is not None:
            fox.frighten()

    @action(id="Chase")
    def chase(bb: Blackboard) -> Status:
        fox = bot.nearest()
        if fox is None:
            return SUCCESS
        bot.act(Action("walk", (fox.x, max(fox.y, 0.0))))
        if hypot(fox.x - bot.x, fox.y - bot.y) < 0.5:
            bot.caught += 1
            bot.env.despawn(fox)
        return RUNNING

    @action(id="GoTo", ports={"place": str})
    def go_to(bb: Blackboard) -> ActionStatus:
        return bot.pursue(Action("walk", PLACES[bb["place"]], inf))

    return {"SeesIntruder": sees, "Bark": bark, "Chase": chase, "GoTo": go_to}
