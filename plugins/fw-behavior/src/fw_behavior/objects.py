"""The objects engine: one object per node, to be read and stepped through. The compiled engine uses those of rare
kinds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from fw_behavior.decorators import table_of
from fw_behavior.machine import Machine, status_of
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status

Tick = Callable[[], Status]


class Run(ABC):
    """A node of one running tree. ``tick`` writes what it gives to ``status[i]``.

    ``ticks`` and ``ids`` are the children's, ``status``, ``memory`` and ``kept`` the machine's arrays.
    """

    __slots__ = ("args", "halt", "i", "ids", "kept", "machine", "memory", "status", "ticks", "view")

    def __init__(self, machine: Machine, i: int, ticks: tuple[Tick, ...]) -> None:
        self.machine = machine
        self.i = i
        self.ids = machine.plan.children[i]
        self.ticks = ticks
        self.args = machine.plan.nodes[i].args
        self.view = machine.views[i]
        self.status = machine.status
        self.memory = machine.memory
        self.kept = machine.kept
        self.halt = machine.halt

    @abstractmethod
    def tick(self) -> Status:
        """One tick of this node and of those below that it chooses."""

    def give(self, result: Status) -> Status:
        """Done, or to be started anew: forget what was remembered."""
        self.memory[self.i] = 0
        self.status[self.i] = result
        return result


class Passing(Run):
    """Has one child, and gives what it gives; what it remembers lasts as long as the child runs."""

    __slots__ = ()

    def child(self) -> Status:
        """Tick the child."""
        result = self.ticks[0]()
        if result is not RUNNING:
            return self.give(result)
        self.status[self.i] = RUNNING
        return RUNNING


class ActionRun(Run):
    __slots__ = ("call",)

    def __init__(self, machine: Machine, i: int, ticks: tuple[Tick, ...]) -> None:
        super().__init__(machine, i, ticks)
        self.call = machine.calls[i]

    def tick(self) -> Status:
        result = self.call(self.view)
        if result is not SUCCESS and result is not FAILURE and result is not RUNNING:
            result = status_of(result)
        self.status[self.i] = result
        return result


class ConditionRun(ActionRun):
    __slots__ = ()

    def tick(self) -> Status:
        result = self.status[self.i] = SUCCESS if self.call(self.view) else FAILURE
        return result


class SleepRun(Run):
    __slots__ = ()

    def tick(self) -> Status:
        now = self.view.now
        if self.status[self.i] is not RUNNING:
            self.memory[self.i] = now
            self.status[self.i] = RUNNING
        if now < self.memory[self.i] + self.args["seconds"]:
            return RUNNING
        return self.give(SUCCESS)


class ChainRun(Run):
    """Sequence and Selector with memory: ``go`` is the status at which the next child's turn comes."""

    go: ClassVar[Status] = SUCCESS
    __slots__ = ("index", "keep")

    def __init__(self, machine: Machine, i: int, ticks: tuple[Tick, ...]) -> None:
        super().__init__(machine, i, ticks)
        self.keep = bool(self.args.get("keep"))
        self.index = self.kept if self.keep else self.memory

    def tick(self) -> Status:
        go, i = self.go, self.i
        first: int = self.index[i]
        at = first
        skipped = 0
        ticks = self.ticks
        if first:
            result = ticks[first]()
            if result is RUNNING:  # most ticks of most trees: still at the same child
                self.status[i] = RUNNING
                return RUNNING
            if result is not go and result is not SKIPPED:
                self.index[i] = at if self.keep else 0
                self.status[i] = result
                return result
            at = first + 1
            ticks = ticks[at:]
        for tick in ticks:
            result = tick()
            if result is not go:
                if result is not SKIPPED:
                    self.index[i] = at if self.keep or result is RUNNING else 0
                    self.status[i] = result
                    return result
                skipped += 1
            at += 1
        self.index[i] = 0
        result = self.status[i] = SKIPPED if skipped and skipped == len(self.ticks) else go
        return result


class SelectorRun(ChainRun):
    go = FAILURE
    __slots__ = ()


class ReactiveRun(Run):
    """Sequence and Selector without memory: ``memory`` is 1 + the place of the child that was left running."""

    go: ClassVar[Status] = SUCCESS
    __slots__ = ()

    def tick(self) -> Status:
        go, i = self.go, self.i
        skipped = at = 0
        for tick in self.ticks:
            at += 1
            result = tick()
            if result is not go:
                if result is not SKIPPED:
                    self.leave(at)
                    self.memory[i] = at if result is RUNNING else 0
                    self.status[i] = result
                    return result
                skipped += 1
        self.memory[i] = 0
        result = self.status[i] = SKIPPED if skipped and skipped == at else go
        return result

    def leave(self, at: int) -> None:
        """Halt the child that was left running, unless it is the one at ``at``."""
        before = self.memory[self.i]
        if before and before != at and self.status[self.ids[before - 1]] is RUNNING:
            self.halt(self.ids[before - 1])


class ReactiveSelectorRun(ReactiveRun):
    go = FAILURE
    __slots__ = ()


class MappedRun(Run):
    __slots__ = ("child", "table")

    def __init__(self, machine: Machine, i: int, ticks: tuple[Tick, ...]) -> None:
        super().__init__(machine, i, ticks)
        self.table = table_of(machine.plan.nodes[i])
        self.child = ticks[0]

    def tick(self) -> Status:
        given = self.child()
        result = self.status[self.i] = self.table[given]
        if given is RUNNING:
            if result is not RUNNING:
                self.halt(self.ids[0])
        elif result is RUNNING:
            self.machine.again = True
        return result


class SubTreeRun(Run):
    __slots__ = ()

    def tick(self) -> Status:
        result = self.status[self.i] = self.ticks[0]()
        return result


class CountRun(Run):
    """Repeat: ``again`` is the child's status after which it is ticked again."""

    again: ClassVar[Status] = SUCCESS
    __slots__ = ()

    def tick(self) -> Status:
        times, count = self.args["times"], self.memory[self.i]
        while times < 0 or count < times:
            result = self.ticks[0]()
            if result is RUNNING:
                self.memory[self.i] = count
                self.status[self.i] = RUNNING
                return RUNNING
            if result is not self.again:
                return self.give(result)
            count += 1
            if times < 0:
                self.machine.again = True
                return self.give(RUNNING)
        return self.give(self.again)


class RetryRun(CountRun):
    again = FAILURE
    __slots__ = ()


class GuardRun(Run):
    __slots__ = ()

    def tick(self) -> Status:
        running = self.status[self.i] is RUNNING
        if not (running and self.args["once"]) and not self.args["condition"](self.view):
            if running:
                self.halt(self.ids[0])
            return self.give(self.args["otherwise"])
        result = self.status[self.i] = self.ticks[0]()
        return result


class Conditioned:
    """Pre- and postconditions around a node."""

    __slots__ = ("i", "inner", "machine", "pre", "view", "when")

    OUTCOMES = (("failure_if", FAILURE), ("success_if", SUCCESS), ("skip_if", SKIPPED))

    def __init__(self, machine: Machine, i: int, inner: Tick) -> None:
        self.machine = machine
        self.i = i
        self.inner = inner
        self.view = machine.views[i]
        self.when = machine.plan.nodes[i].when
        self.pre = tuple((self.when[key], outcome) for key, outcome in self.OUTCOMES if key in self.when)

    def tick(self) -> Status:
        """The node's status, or the one that a precondition gives in its place."""
        status, i, view = self.machine.status, self.i, self.view
        running = status[i] is RUNNING
        if not running:
            for ask, outcome in self.pre:
                if ask(view):
                    status[i] = outcome
                    return outcome
        if "while_" in self.when and not self.when["while_"](view):
            if running:
                self.machine.halt(i)
            status[i] = SKIPPED
            return SKIPPED
        result = self.inner()
        if result is SUCCESS or result is FAILURE:
            own = self.when.get("on_success" if result is SUCCESS else "on_failure")
            for react in (own, self.when.get("post")):
                if react is not None:
                    react(view)
        return result
