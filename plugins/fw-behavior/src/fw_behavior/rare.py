"""The rarer kinds of nodes, as objects; both scalar engines use them."""

from __future__ import annotations

from typing import Any

from fw_behavior.objects import Run
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


class OrderedRun(Run):
    """RandomSelector and UtilitySelector with memory: ``memory`` is 0, or the place in the order and the order."""

    go = FAILURE
    __slots__ = ()

    def order(self) -> list[int]:
        """The children in the order of their turns."""
        keys = [self.weighted(place) for place in range(len(self.ids))]
        return sorted(range(len(self.ids)), key=lambda place: (-keys[place], place))

    def weighted(self, place: int) -> float:
        """A key whose descending order draws without replacement by weight (Efraimidis, Spirakis 2006)."""
        weights = self.args["weights"]
        weight = weights[place] if weights else 1.0
        drawn = self.machine.draw(self.i)
        return float(drawn ** (1.0 / weight)) if weight else -1.0

    def tick(self) -> Status:
        state: list[int] = self.memory[self.i] or [0, *self.order()]
        at, order = state[0], state[1:]
        skipped = 0
        for place in order[at:]:
            result = self.ticks[place]()
            if result is not self.go:
                if result is not SKIPPED:
                    if result is not RUNNING:
                        return self.give(result)
                    self.memory[self.i] = [at, *order]
                    self.status[self.i] = RUNNING
                    return RUNNING
                skipped += 1
            at += 1
        return self.give(SKIPPED if skipped and skipped == len(order) else self.go)


class RandomSequenceRun(OrderedRun):
    go = SUCCESS
    __slots__ = ()


class UtilityRun(OrderedRun):
    __slots__ = ()

    def weighted(self, place: int) -> float:
        """The child's score."""
        return float(self.args["scores"][place](self.view))


class ReactiveUtilityRun(UtilityRun):
    """Scores on every tick: ``memory`` is 1 + the child that was left running."""

    __slots__ = ()

    def tick(self) -> Status:
        before, order, skipped = self.memory[self.i], self.order(), 0
        for place in order:
            result = self.ticks[place]()
            if result is SKIPPED:
                skipped += 1
            elif result is not FAILURE:
                if before and before != place + 1 and self.status[self.ids[before - 1]] is RUNNING:
                    self.halt(self.ids[before - 1])
                self.memory[self.i] = place + 1 if result is RUNNING else 0
                self.status[self.i] = result
                return result
        return self.give(SKIPPED if skipped and skipped == len(order) else FAILURE)


class ParallelRun(Run):
    """``memory`` is 0, or what each child gave when it was done (RUNNING: it is not)."""

    __slots__ = ()

    def tick(self) -> Status:
        count = len(self.ticks)
        success, failure = self.wanted("success"), self.wanted("failure")
        synchronised = self.args["synchronised"]
        given = self.memory[self.i] or [RUNNING] * count
        if not synchronised:
            given = [RUNNING] * count
        for place, tick in enumerate(self.ticks):
            if given[place] is RUNNING:
                given[place] = tick()
                done = self.decided(given, success, failure)
                if done is not None:
                    self.halt_children()
                    return self.give(done)
        if given.count(SKIPPED) == count:
            return self.give(SKIPPED)
        self.memory[self.i] = given
        self.status[self.i] = RUNNING
        return RUNNING

    def wanted(self, key: str) -> int:
        """A count, where negative ones are from the end."""
        asked: int = self.args[key]
        return asked if asked > 0 else len(self.ticks) + 1 + asked

    def decided(self, given: list[Status], success: int, failure: int) -> Status | None:
        """SUCCESS or FAILURE as soon as the counts say so. Skipped children are for what all others are for."""
        succeeded, failed, skipped = given.count(SUCCESS), given.count(FAILURE), given.count(SKIPPED)
        if succeeded >= success or (self.args["success"] < 0 and succeeded and succeeded + skipped >= success):
            return SUCCESS
        return FAILURE if failed >= failure or len(given) - failed < success else None

    def halt_children(self) -> None:
        """Halt what still runs."""
        for child in reversed(self.ids):
            if self.status[child] is RUNNING:
                self.halt(child)


class ParallelAllRun(ParallelRun):
    __slots__ = ()

    def tick(self) -> Status:
        given = self.memory[self.i] or [RUNNING] * len(self.ticks)
        for place, tick in enumerate(self.ticks):
            if given[place] is RUNNING:
                given[place] = tick()
        if RUNNING in given:
            self.memory[self.i] = given
            self.status[self.i] = RUNNING
            return RUNNING
        if given and given.count(SKIPPED) == len(given):
            return self.give(SKIPPED)
        return self.give(FAILURE if given.count(FAILURE) >= self.args["max_failures"] else SUCCESS)


class IfThenElseRun(Run):
    """``memory`` is the branch that is running, 0 while the condition is asked."""

    __slots__ = ()

    def tick(self) -> Status:
        branch: int = self.memory[self.i]
        if not branch:
            asked = self.ticks[0]()
            if asked is RUNNING or asked is SKIPPED:
                self.status[self.i] = asked
                return asked
            branch = 1 if asked is SUCCESS else 2
            if branch == len(self.ticks):
                return self.give(FAILURE)
        result = self.ticks[branch]()
        if result is not RUNNING:
            return self.give(result)
        self.memory[self.i] = branch
        self.status[self.i] = RUNNING
        return RUNNING


class BranchRun(Run):
    """One child at a time, chosen on every tick: ``memory`` is 1 + the one that is running."""

    __slots__ = ()

    def enter(self, place: int | None) -> Status:
        """Tick one child, or fail; halt another that is running."""
        before = self.memory[self.i]
        if before and before - 1 != place:
            self.halt(self.ids[before - 1])
        result = FAILURE if place is None else self.ticks[place]()
        self.memory[self.i] = 0 if place is None or result is not RUNNING else place + 1
        self.status[self.i] = result
        return result


class WhileDoElseRun(BranchRun):
    __slots__ = ()

    def tick(self) -> Status:
        asked = self.ticks[0]()
        if asked is RUNNING or asked is SKIPPED:
            before = self.memory[self.i]
            if before:
                self.halt(self.ids[before - 1])
            return self.give(asked)
        place = 1 if asked is SUCCESS else 2
        return self.enter(place if place < len(self.ticks) else None)


class SwitchRun(BranchRun):
    __slots__ = ()

    def tick(self) -> Status:
        value, cases = str(self.view[self.args["key"]]), self.args["cases"]
        return self.enter(cases.index(value) if value in cases else len(cases))


class LoopRun(Run):
    """``memory`` is 0, or whether the child works on an entry, and, where the queue is a tuple, the place in it."""

    __slots__ = ()

    def tick(self) -> Status:
        working, place = self.memory[self.i] or (False, 0)
        if not working:
            queue: Any = self.args["queue"]
            entries: Any = queue[place:] if isinstance(queue, tuple) else self.view.get(queue) or ()
            if not entries:
                return self.give(self.args["if_empty"])
            self.view[self.args["value"]] = entries[0]
            if isinstance(queue, tuple):
                place += 1
            else:
                self.view[queue] = entries[1:]
        result = self.ticks[0]()
        if result is FAILURE:
            return self.give(FAILURE)
        self.memory[self.i] = (result is RUNNING, place)
        self.machine.again |= result is not RUNNING
        self.status[self.i] = RUNNING
        return RUNNING


class UpdatedRun(Run):
    """``kept`` is the version of the key that was seen."""

    __slots__ = ()

    def tick(self) -> Status:
        if not self.memory[self.i]:
            version = self.view.version_of(self.args["key"])
            if version == self.kept[self.i]:
                return self.give(RUNNING if self.args["wait"] else SKIPPED)
            self.kept[self.i] = version
        result = self.ticks[0]()
        self.memory[self.i] = int(result is RUNNING)
        self.status[self.i] = result
        return result
