"""`Row`: a chain of leaves in the compiled engine; what of it is too rare to be written out."""

from __future__ import annotations

from typing import Any

from fw_behavior.leaves import ConditionNode
from fw_behavior.machine import Machine, status_of
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


def asks(node: Node) -> bool:
    """Whether a leaf's answer is true or false, and never running."""
    return isinstance(node, ConditionNode) or node.kind == "ScriptCondition"


class Row:
    """Sequence or Selector ``i`` of a plan, all of whose children are leaves that are just called: one for all trees.

    Most ticks find the same children succeed as in the tick before. So the written code does not note what they
    give one by one: ``machine.lead[i]`` is how many of the first children are noted as having given ``go``, and only
    where the number differs `settle` writes.
    """

    __slots__ = ("asking", "count", "first", "go", "i", "keep", "memory")

    def __init__(self, plan: Plan, i: int) -> None:
        node, children = plan.nodes[i], plan.children[i]
        self.i = i
        self.go = SUCCESS if node.kind == "Sequence" else FAILURE
        self.first = i + 1
        self.count = len(children)
        self.memory: bool = node.args["memory"]
        self.keep = bool(node.args.get("keep"))
        self.asking = frozenset(at for at, child in enumerate(children) if asks(plan.nodes[child]))

    def settle(self, machine: Machine, at: int) -> None:
        """Note that the first ``at`` children gave ``go``, and that of the one after them nothing is known."""
        known, first = machine.lead[self.i], self.first
        if at > known:
            machine.status[first + known : first + at] = [self.go] * (at - known)
        machine.lead[self.i] = at

    def raised(self, machine: Machine, child: int) -> None:
        """Note what the written code had not when a child raised: those before it had given ``go``."""
        at = child - self.first
        if at > machine.lead[self.i]:
            self.settle(machine, at)

    def leave(self, machine: Machine, at: int) -> None:
        """Without memory: halt the child that was left running, unless it is the one at ``at``."""
        before = machine.memory[self.i]
        if before and before != at + 1 and machine.status[self.first + before - 1] is RUNNING:
            machine.halt(self.first + before - 1)

    def onward(self, machine: Machine, at: int, given: Any) -> Status:
        """What the chain gives, from the child at ``at`` on, which gave ``given``."""
        status, calls, views = machine.status, machine.calls, machine.views
        skipped, child = 0, self.first + at
        while True:
            result = (SUCCESS if given else FAILURE) if at in self.asking else status_of(given)
            status[child] = result
            if result is SKIPPED:
                skipped += 1
            elif result is not self.go:
                return self._stop(machine, at, result)
            at += 1
            if at == self.count:
                (machine.kept if self.keep else machine.memory)[self.i] = 0
                return SKIPPED if skipped == at else self.go
            child += 1
            given = calls[child](views[child])

    def _stop(self, machine: Machine, at: int, result: Status) -> Status:
        if self.keep:
            machine.kept[self.i] = at
        elif self.memory:
            machine.memory[self.i] = at if result is RUNNING else 0
        else:
            self.leave(machine, at)
            machine.memory[self.i] = at + 1 if result is RUNNING else 0
        return result
