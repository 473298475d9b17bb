"""Nodes with one child, which change what it gives or when it is ticked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Unpack

from fw_behavior.composites import Child, Inner
from fw_behavior.errors import BadTree
from fw_behavior.node import Expression, Node, When, expression
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


class Decorator(Inner):
    """Exactly one child."""

    fewest, most = 1, 1
    __slots__ = ()


class Mapped(Decorator):
    """Gives another status for what its child gives; ``table`` has one for FAILURE, SUCCESS, RUNNING and SKIPPED."""

    table: ClassVar[tuple[Status, Status, Status, Status]] = (FAILURE, SUCCESS, RUNNING, SKIPPED)
    __slots__ = ()

    def __init__(self, child: Child, name: str = "", **when: Unpack[When]) -> None:
        super().__init__((child,), {}, name, when)

    def mapping(self) -> tuple[Status, Status, Status, Status]:
        """The table of this node."""
        return self.table


def table_of(node: Node) -> tuple[Status, Status, Status, Status]:
    """What a node gives for each status of its child; of other nodes than `Mapped` the same."""
    return node.mapping() if isinstance(node, Mapped) else Mapped.table


class Inverter(Mapped):
    """Failure for success and the reverse; RUNNING and SKIPPED pass."""

    kind = "Inverter"
    table = (SUCCESS, FAILURE, RUNNING, SKIPPED)
    __slots__ = ()


class ForceSuccess(Mapped):
    """Success also for failure; RUNNING and SKIPPED pass. (What py_trees calls FailureIsSuccess.)"""

    kind = "ForceSuccess"
    table = (SUCCESS, SUCCESS, RUNNING, SKIPPED)
    __slots__ = ()


class ForceFailure(Mapped):
    """Failure also for success; RUNNING and SKIPPED pass."""

    kind = "ForceFailure"
    table = (FAILURE, FAILURE, RUNNING, SKIPPED)
    __slots__ = ()


class KeepRunningUntilFailure(Mapped):
    """Running also for success, so that its child is started again; its failure passes."""

    kind = "KeepRunningUntilFailure"
    table = (FAILURE, RUNNING, RUNNING, SKIPPED)
    __slots__ = ()


class Convert(Mapped):
    """Any status for any other; a child that runs while its parent is told otherwise is halted."""

    kind = "Convert"
    __slots__ = ()

    def __init__(
        self,
        child: Child,
        *,
        failure: Status = FAILURE,
        success: Status = SUCCESS,
        running: Status = RUNNING,
        skipped: Status = SKIPPED,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        args = {"failure": failure, "success": success, "running": running, "skipped": skipped}
        Inner.__init__(self, (child,), {key: Status(value) for key, value in args.items()}, name, when)

    def mapping(self) -> tuple[Status, Status, Status, Status]:
        """The statuses it was given."""
        found = self.args
        return found["failure"], found["success"], found["running"], found["skipped"]


class Counted(Decorator):
    """Has a number of ``times``; -1: for ever, once per tick."""

    __slots__ = ()

    def __init__(self, child: Child, times: int, *, name: str = "", **when: Unpack[When]) -> None:
        super().__init__((child,), {"times": times}, name, when)


class Repeat(Counted):
    """Ticks its child anew each time it succeeds, in one tick, until it has ``times``. Fails when the child does."""

    kind = "Repeat"
    __slots__ = ()


class Retry(Counted):
    """Ticks its child again each time it fails, in the same tick, until it was ticked ``times``."""

    kind = "Retry"
    __slots__ = ()


class Timed(Decorator):
    """Has a duration in ``seconds``, by the tree's clock."""

    timed = True
    __slots__ = ()

    def __init__(self, child: Child, seconds: float, *, name: str = "", **when: Unpack[When]) -> None:
        if seconds < 0:
            raise BadTree(name or self.kind, f"{seconds} is no duration.", "Use seconds from 0.")
        super().__init__((child,), {"seconds": seconds}, name, when)


class Timeout(Timed):
    """Halts its child and fails when it has been running for ``seconds``."""

    kind = "Timeout"
    __slots__ = ()


class Delay(Timed):
    """Waits for ``seconds`` before it ticks its child."""

    kind = "Delay"
    __slots__ = ()


class Cooldown(Timed):
    """For ``seconds`` after its child is done, fails without ticking it; a halt does not shorten that."""

    kind = "Cooldown"
    __slots__ = ()


class RunOnce(Decorator):
    """Ticks its child until it is done once, and from then on is skipped, or with ``skip=False`` gives its status."""

    kind = "RunOnce"
    __slots__ = ()

    def __init__(self, child: Child, *, skip: bool = True, name: str = "", **when: Unpack[When]) -> None:
        super().__init__((child,), {"skip": skip}, name, when)


class Asking(Decorator):
    """Has one condition of its own."""

    __slots__ = ()

    @property
    def expressions(self) -> Iterator[Expression]:
        """The condition, and those that every node has."""
        yield from super().expressions
        yield self.args["condition"]


class Guard(Asking):
    """Ticks its child while ``condition`` holds; else halts it and gives ``otherwise``.

    ``once=True`` asks only before the child is started (BehaviorTree.CPP's Precondition).
    """

    kind = "Guard"
    __slots__ = ()

    def __init__(
        self,
        child: Child,
        condition: str | Expression,
        *,
        otherwise: Status = FAILURE,
        once: bool = False,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        args = {"condition": expression(condition), "otherwise": Status(otherwise), "once": once}
        super().__init__((child,), args, name, when)


class Service(Asking):
    """Does something beside its child, when that starts and every ``seconds`` while it runs.

    The script or function is called before the child is ticked; its value is not used. ``seconds=0``: on every tick.
    """

    kind = "Service"
    timed = True
    __slots__ = ()

    def __init__(
        self, child: Child, service: str | Expression, seconds: float = 0.0, *, name: str = "", **when: Unpack[When]
    ) -> None:
        super().__init__((child,), {"condition": expression(service), "seconds": seconds}, name, when)


class Loop(Decorator):
    """Ticks its child with each entry of a list, one by one.

    Entries of the list at the key ``queue``, or of a tuple, are written to ``value``. From a list they are removed; a
    tuple is gone through again when the node is started again. It is running until the queue is empty, then gives
    ``if_empty``; it fails when the child does.
    """

    kind = "Loop"
    __slots__ = ()

    def __init__(
        self,
        child: Child,
        queue: str | tuple[Any, ...],
        value: str,
        *,
        if_empty: Status = SUCCESS,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        super().__init__((child,), {"queue": queue, "value": value, "if_empty": Status(if_empty)}, name, when)


class Updated(Decorator):
    """Ticks its child only if ``key`` changed since it last did; else is skipped, or with ``wait=True`` running.

    BehaviorTree.CPP's SkipUnlessUpdated and WaitValueUpdate.
    """

    kind = "Updated"
    __slots__ = ()

    def __init__(self, child: Child, key: str, *, wait: bool = False, name: str = "", **when: Unpack[When]) -> None:
        super().__init__((child,), {"key": key, "wait": wait}, name, when)


class SubTree(Decorator):
    """A tree inside a tree, with names of its own on the blackboard.

    ``ports`` gives its names a meaning: ``"{key}"`` is a key of the tree around it, any other value is a constant.
    With ``autoremap`` every other name is that of the tree around it. ``@key`` is the outermost tree's.
    """

    kind = "SubTree"
    __slots__ = ()

    def __init__(
        self,
        child: Child,
        id: str = "",
        *,
        ports: Mapping[str, Any] | None = None,
        autoremap: bool = False,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        super().__init__((child,), {"id": id, "ports": dict(ports or {}), "autoremap": autoremap}, name, when)
