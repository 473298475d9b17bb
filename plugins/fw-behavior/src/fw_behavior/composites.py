"""Nodes that choose among their children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Unpack

from fw_behavior.errors import BadTree
from fw_behavior.leaves import leaf_of
from fw_behavior.node import Expression, Node, When, expression

Child = Node | Callable[..., Any]
"""A node, or a function, which becomes an `ActionNode` (a `ConditionNode`, where `condition` marked it)."""


class Inner(Node):
    """A node with children, some of which may be given as functions."""

    __slots__ = ()

    def __init__(
        self,
        children: tuple[Child, ...],
        args: Mapping[str, Any],
        name: str = "",
        when: Mapping[str, Any] | None = None,
    ) -> None:
        nodes = tuple(child if isinstance(child, Node) else leaf_of(child) for child in children)
        super().__init__(nodes, args, name, when)


class Composite(Inner):
    """Any number of children."""

    most: ClassVar[int | None] = None
    __slots__ = ()


class Sequence(Composite):
    """Succeeds when all children have, one after the other; stops at the first that does not. Empty: succeeds.

    With memory it goes on at the child that was running. ``memory=False`` starts over on each tick and halts a running
    child when an earlier one stops it. ``keep=True`` goes on at the child that failed, too, also after a halt.
    """

    kind = "Sequence"
    __slots__ = ()

    def __init__(
        self, *children: Child, memory: bool = True, keep: bool = False, name: str = "", **when: Unpack[When]
    ) -> None:
        if keep and not memory:
            raise BadTree(name or self.kind, "keep=True needs memory.", "Leave memory=False out.")
        super().__init__(children, {"memory": memory, "keep": keep}, name, when)


class Selector(Composite):
    """Succeeds with the first child that does; fails when all have. Empty: fails. BehaviorTree.CPP's Fallback.

    With memory it goes on at the child that was running. ``memory=False`` starts over on each tick and halts a running
    child when an earlier one does not fail.
    """

    kind = "Selector"
    __slots__ = ()

    def __init__(self, *children: Child, memory: bool = True, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {"memory": memory}, name, when)


Fallback = Selector


def reactive_sequence(*children: Child, name: str = "", **when: Unpack[When]) -> Sequence:
    """BehaviorTree.CPP's ReactiveSequence."""
    return Sequence(*children, memory=False, name=name, **when)


def sequence_with_memory(*children: Child, name: str = "", **when: Unpack[When]) -> Sequence:
    """BehaviorTree.CPP's SequenceWithMemory."""
    return Sequence(*children, keep=True, name=name, **when)


def reactive_selector(*children: Child, name: str = "", **when: Unpack[When]) -> Selector:
    """BehaviorTree.CPP's ReactiveFallback."""
    return Selector(*children, memory=False, name=name, **when)


class AsyncSequence(Composite):
    """A sequence with memory that stays running for a tick after each child that succeeded at once, so that what is
    above it can stop it between any two. Whatever is due comes in the next tick.
    """

    kind = "AsyncSequence"
    __slots__ = ()

    def __init__(self, *children: Child, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {}, name, when)


class AsyncSelector(AsyncSequence):
    """A selector with memory that stays running for a tick after each child that failed at once. BehaviorTree.CPP's
    AsyncFallback.
    """

    kind = "AsyncSelector"
    __slots__ = ()


class RandomSelector(Composite):
    """A selector with memory that draws the order of its children when it starts, by weight; a weight of 0 comes last.

    The draw depends on the tree's seed, the node and how often it drew before: two runs are equal.
    """

    kind = "RandomSelector"
    __slots__ = ()

    def __init__(self, *children: Child, weights: tuple[float, ...] = (), name: str = "", **when: Unpack[When]) -> None:
        if weights and (len(weights) != len(children) or min(weights) < 0):
            raise BadTree(name or self.kind, f"The weights {weights} do not suit.", "Give one of at least 0 per child.")
        super().__init__(children, {"weights": tuple(weights)}, name, when)


class RandomSequence(RandomSelector):
    """A sequence with memory that draws the order of its children when it starts, by weight."""

    kind = "RandomSequence"
    __slots__ = ()


class UtilitySelector(Composite):
    """A selector that tries its children by score, highest first; of equal ones the first.

    Scores are scripts or functions of the blackboard. With memory the order is fixed when it starts. ``memory=False``
    scores on every tick and halts a running child that is not chosen any more.
    """

    kind = "UtilitySelector"
    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        scores: tuple[str | Expression, ...],
        memory: bool = True,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        if len(scores) != len(children):
            raise BadTree(name or self.kind, f"{len(scores)} scores do not suit.", "Give one per child.")
        args = {"scores": tuple(expression(score) for score in scores), "memory": memory}
        super().__init__(children, args, name, when)

    @property
    def expressions(self) -> Any:
        """Conditions and scores."""
        yield from super().expressions
        yield from self.args["scores"]


class Parallel(Composite):
    """Ticks all children that are not done, in order, until enough have succeeded or failed.

    Succeeds when ``success`` of them have, fails when ``failure`` have or ``success`` cannot be reached; then it halts
    what still runs. Negative counts are from the end: -1 is all. ``synchronised=False`` ticks children that are done
    again, until enough are so in one tick.
    """

    kind = "Parallel"
    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        success: int = -1,
        failure: int = 1,
        synchronised: bool = True,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        super().__init__(children, {"success": success, "failure": failure, "synchronised": synchronised}, name, when)
        for key in ("success", "failure"):
            if not -len(children) <= self.args[key] <= len(children) or not self.args[key]:
                raise BadTree(self.label, f"{key}={self.args[key]} cannot be.", f"Use 1 to {len(children)}, or -1.")


class ParallelAll(Composite):
    """Ticks all children until each is done, then fails if at least ``max_failures`` have, else succeeds."""

    kind = "ParallelAll"
    __slots__ = ()

    def __init__(self, *children: Child, max_failures: int = 1, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {"max_failures": max_failures}, name, when)


class IfThenElse(Composite):
    """The second child if the first succeeds, else the third (without one: fails). The first is asked once."""

    kind = "IfThenElse"
    fewest, most = 2, 3
    __slots__ = ()

    def __init__(self, *children: Child, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {}, name, when)


class WhileDoElse(Composite):
    """As IfThenElse, but the first child is asked on every tick; the branch left is halted."""

    kind = "WhileDoElse"
    fewest, most = 2, 3
    __slots__ = ()

    def __init__(self, *children: Child, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {}, name, when)


class Switch(Composite):
    """The child whose case equals the value of ``key``, else the last, which is the default.

    Cases are compared as text. The value is read on every tick; the child left is halted.
    """

    kind = "Switch"
    fewest: ClassVar[int] = 1
    __slots__ = ()

    def __init__(self, key: str, cases: Mapping[Any, Child], default: Child, *, name: str = "", **when: Unpack[When]):
        args = {"key": key, "cases": tuple(str(case) for case in cases)}
        super().__init__((*cases.values(), default), args, name, when)


class TryCatch(Composite):
    """A sequence with memory, and what is done when it fails.

    The last child is ticked until it is done if one of the others fails; then the whole fails.
    """

    kind = "TryCatch"
    fewest: ClassVar[int] = 2
    __slots__ = ()

    def __init__(self, *children: Child, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(children, {}, name, when)
