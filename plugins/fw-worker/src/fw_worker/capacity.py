"""How much may run at a time, over all orchestrators."""

import asyncio
from collections.abc import Callable, Mapping

Need = Mapping[str, float]
"""How much of what a task takes up."""

TASKS = "tasks"
"""The limit that counts every task."""


class Capacity:
    """What is left of each limit: of tasks at a time, of one skill's tasks, of the machine's resources.

    Who has to wait is served first come, first served; one that needs what is not there does not hold up the others.
    """

    def __init__(self, limits: Need) -> None:
        self._left = dict(limits)
        self._waiting: dict[asyncio.Future[None], Need] = {}
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it whenever something was given back."""
        self._listeners.append(listener)

    def suffices(self, need: Need) -> bool:
        """Whether that much is left."""
        return all(self._left[name] >= amount for name, amount in need.items())

    def take(self, need: Need) -> asyncio.Future[None] | None:
        """Take it; or, where too little is left, the future that ends when it has been taken. Cancel it to give up."""
        if self.suffices(need):
            self._change(need, -1)
            return None
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = need
        turn.add_done_callback(lambda _: self._waiting.pop(turn, None))
        return turn

    def give_back(self, need: Need) -> None:
        """Give back what was taken."""
        self._change(need, +1)
        for turn, other in list(self._waiting.items()):
            if not turn.done() and self.suffices(other):
                self._change(other, -1)
                turn.set_result(None)
        for listener in self._listeners:
            listener()

    def _change(self, need: Need, sign: int) -> None:
        for name, amount in need.items():
            # Rounded, so that ten tenths are one again.
            self._left[name] = round(self._left[name] + sign * amount, 9)
