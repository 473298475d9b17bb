"""Nodes that need the clock, as objects; both scalar engines use them."""

from __future__ import annotations

from fw_behavior.objects import Passing, Run
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


class TimeoutRun(Passing):
    """``memory`` is when it started."""

    __slots__ = ()

    def tick(self) -> Status:
        now = self.view.now
        if self.status[self.i] is not RUNNING:
            self.memory[self.i] = now
        elif now >= self.memory[self.i] + self.args["seconds"]:
            self.halt(self.ids[0])
            return self.give(FAILURE)
        return self.child()


class DelayRun(Passing):
    """``memory`` is when it started."""

    __slots__ = ()

    def tick(self) -> Status:
        now = self.view.now
        if self.status[self.i] is not RUNNING:
            self.memory[self.i] = now
        if now < self.memory[self.i] + self.args["seconds"]:
            self.status[self.i] = RUNNING
            return RUNNING
        return self.child()


class CooldownRun(Run):
    """``kept`` is 0, or a list with the time at which its child was last done."""

    __slots__ = ()

    def tick(self) -> Status:
        now, since = self.view.now, self.kept[self.i]
        if since and now < since[0] + self.args["seconds"] and self.status[self.i] is not RUNNING:
            return self.give(FAILURE)
        result = self.status[self.i] = self.ticks[0]()
        if result is SUCCESS or result is FAILURE:
            self.kept[self.i] = [now]
        return result


class RunOnceRun(Run):
    """``kept`` is 0, or 1 + what its child gave."""

    __slots__ = ()

    def tick(self) -> Status:
        if self.kept[self.i]:
            return self.give(SKIPPED if self.args["skip"] else Status(self.kept[self.i] - 1))
        result = self.status[self.i] = self.ticks[0]()
        if result is SUCCESS or result is FAILURE:
            self.kept[self.i] = result + 1
        return result


class ServiceRun(Passing):
    """``memory`` is when it is due next."""

    __slots__ = ()

    def tick(self) -> Status:
        now, seconds = self.view.now, self.args["seconds"]
        if self.status[self.i] is not RUNNING or now >= self.memory[self.i]:
            self.args["condition"](self.view)
            self.memory[self.i] = now + seconds
        return self.child()
