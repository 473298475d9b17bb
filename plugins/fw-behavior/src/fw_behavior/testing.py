"""For tests of trees: leaves that do what a script says, in the place of real ones, and ticks under a clock of the
test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fw_behavior.blackboard import Blackboard
from fw_behavior.errors import BadTree
from fw_behavior.leaves import ActionNode, Leaf
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.status import Status
from fw_behavior.tree import BehaviorTree, Engine


class Scripted:
    """A leaf that gives these statuses one after the other, the last one for ever. ``ticks`` and ``halts`` count.

    ``writes`` goes to the blackboard on each tick.
    """

    def __init__(self, *given: Status, writes: Mapping[str, Any] | None = None, name: str = "scripted") -> None:
        if not given:
            raise BadTree(name, "A scripted leaf gives nothing.", "Name at least one status.")
        self.__name__ = name
        self.given = given
        self.writes = dict(writes or {})
        self.ticks = 0
        self.halts = 0

    def __call__(self, bb: Any) -> Status:
        self.ticks += 1
        for key, value in self.writes.items():
            bb[key] = value
        return self.given[min(self.ticks, len(self.given)) - 1]

    def _halted(self, _: Any) -> None:
        self.halts += 1

    @property
    def node(self) -> ActionNode:
        """As a node that counts halts, too."""
        return ActionNode(self, name=self.__name__, on_halted=self._halted)


def substituted(tree: Node, places: Mapping[str, Scripted | Node]) -> Node:
    """The definition with other nodes at some paths; ``*`` stands for any part of a path. BadTree where nothing
    matches.
    """
    plan = Plan(tree)
    used: set[str] = set()

    def changed(i: int) -> Node:
        for pattern, replacement in places.items():
            if fnmatchcase(plan.paths[i], pattern):
                used.add(pattern)
                return replacement.node if isinstance(replacement, Scripted) else replacement
        node = plan.nodes[i]
        return (
            node if isinstance(node, Leaf) else node.with_children(tuple(changed(child) for child in plan.children[i]))
        )

    result = changed(0)
    for pattern in places.keys() - used:
        raise BadTree(pattern, "No node has such a path.", f"There are: {', '.join(plan.paths)}.")
    return result


class Trial:
    """A tree under test: ``given`` what is on its blackboard, ticks come ``dt`` seconds after each other."""

    def __init__(
        self, tree: Node, given: Mapping[str, Any] | None = None, *, dt: float = 1.0, engine: Engine = "objects"
    ) -> None:
        self.tree = BehaviorTree(tree, Blackboard(given), engine=engine, clock=lambda: 0.0)
        self.dt = dt
        self.now = 0.0

    def after(self, ticks: int) -> Trial:
        """Make so many ticks."""
        for _ in range(ticks):
            self.tree.tick(self.now)
            self.now += self.dt
        return self

    def expect(
        self, status: Status, blackboard: Mapping[str, Any] | None = None, nodes: Mapping[str, Status] | None = None
    ) -> Trial:
        """AssertionError, with a drawing of the tree, unless all this is so; ``nodes`` by path."""
        faults = [*_faults("tree", [("status", self.tree.status, status)])]
        board = self.tree.blackboard
        faults += _faults("blackboard", ((key, board.get(key), value) for key, value in (blackboard or {}).items()))
        faults += _faults("node", ((path, self.tree.status_of(path), value) for path, value in (nodes or {}).items()))
        if faults:
            from fw_behavior.drawing import outline

            raise AssertionError("\n".join([*faults, outline(self.tree)]))
        return self


def _faults(what: str, compared: Iterable[tuple[str, Any, Any]]) -> list[str]:
    return [f"{what} {name}: {found!r}, not {wanted!r}" for name, found, wanted in compared if found != wanted]
