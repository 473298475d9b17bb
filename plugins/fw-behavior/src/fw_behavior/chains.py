"""The rarer kinds of chains with memory, as objects; both scalar engines use them."""

from __future__ import annotations

from typing import ClassVar

from fw_behavior.objects import Run
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


class AsyncRun(Run):
    """``memory`` is the place of the child whose turn it is."""

    go: ClassVar[Status] = SUCCESS
    __slots__ = ()

    def tick(self) -> Status:
        at, skipped, count = self.memory[self.i], 0, len(self.ticks)
        while at < count:
            began = self.status[self.ids[at]] is not RUNNING
            result = self.ticks[at]()
            if result is RUNNING:
                return self.stay(at)
            if result is not self.go and result is not SKIPPED:
                return self.give(result)
            at += 1
            if result is SKIPPED:
                skipped += 1
            elif began and at < count:
                self.machine.again = True
                return self.stay(at)
        return self.give(SKIPPED if skipped and skipped == count else self.go)

    def stay(self, at: int) -> Status:
        """Running, until the child at this place has had its turn."""
        self.memory[self.i] = at
        self.status[self.i] = RUNNING
        return RUNNING


class AsyncSelectorRun(AsyncRun):
    go = FAILURE
    __slots__ = ()


class TryCatchRun(AsyncRun):
    """``memory`` is the place of the child that is running."""

    __slots__ = ()

    def tick(self) -> Status:
        last = len(self.ticks) - 1
        at, skipped = self.memory[self.i], 0
        while at < last:
            result = self.ticks[at]()
            if result is RUNNING:
                return self.stay(at)
            if result is FAILURE:
                at = last
                break
            skipped += result is SKIPPED
            at += 1
        else:
            if at == last and self.memory[self.i] != last:
                return self.give(SKIPPED if skipped == last else SUCCESS)
        if self.ticks[last]() is RUNNING:
            return self.stay(last)
        return self.give(FAILURE)
