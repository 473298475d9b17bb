"""`Lane`: one node of many agents, and the lanes of leaves and chains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fw_behavior.columns import Board, Bytes, Masked
from fw_behavior.errors import BadTree
from fw_behavior.leaves import Leaf, mark_of, parted
from fw_behavior.node import Node
from fw_behavior.script import Script
from fw_behavior.status import FAILURE, IDLE, RUNNING, SKIPPED, SUCCESS, Status


def where(truth: NDArray[np.bool_]) -> Bytes:
    """Truth values as a mask."""
    mask: Bytes = -truth.view(np.uint8)
    return mask


def blend(old: Bytes, new: Bytes, mask: Bytes) -> None:
    """Put ``new`` into ``old`` where ``mask`` is set: faster than a masked copy."""
    change = old ^ new
    change &= mask
    old ^= change


def some(mask: Bytes) -> bool:
    """Whether a mask has anyone."""
    return bool(np.maximum.reduce(mask))


ONE = np.uint8(1)
EVERY = frozenset({SUCCESS, FAILURE, RUNNING, SKIPPED})


class Lane(ABC):
    """One node of all agents. ``status`` has what it gave last to each; ``memory`` and ``kept`` as in the scalar
    engines.
    """

    memory_type: ClassVar[type | None] = None
    kept_type: ClassVar[type | None] = None

    def __init__(self, node: Node, i: int, board: Board) -> None:
        self.node = node
        self.i = i
        self.board = board
        self.seeds: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self.everyone: Bytes | None = None
        """The mask of all agents, to be known by identity."""
        self.reaction: Callable[[Bytes], None] | None = None
        """Called with those of whom it is halted: ``on_halted``."""
        self.children: tuple[Lane, ...] = ()
        self.below: tuple[Lane, ...] = ()
        self.status: Bytes = np.full(board.agents, IDLE, np.uint8)
        self.memory: NDArray[Any] = np.zeros(board.agents if self.memory_type else 0, self.memory_type or np.uint8)
        self.kept: NDArray[Any] = np.zeros(board.agents if self.kept_type else 0, self.kept_type or np.uint8)

    @abstractmethod
    def tick(self, mask: Bytes) -> Bytes:
        """Tick the agents of ``mask``; their statuses. Those of others mean nothing."""

    def give(self, mask: Bytes, result: Bytes) -> Bytes:
        """Note what is given."""
        if mask is self.everyone:
            self.status[:] = result
        else:
            blend(self.status, result, mask)
        return result

    @cached_property
    def gives(self) -> frozenset[Status]:
        """The statuses that it may give."""
        return self.possible()

    def possible(self) -> frozenset[Status]:
        """Every status, where nothing else is known."""
        return EVERY

    def running(self, mask: Bytes) -> Bytes:
        """Those of ``mask`` for which this node is running."""
        return where(self.status == RUNNING) & mask

    def halt(self, mask: Bytes) -> None:
        """Halt what runs here and below, as the scalar engines do: the last first."""
        if not some(self.running(mask)):
            return
        for lane in reversed(self.below):
            stopped = lane.running(mask)
            if some(stopped):
                blend(lane.status, np.full_like(stopped, IDLE), stopped)
                if lane.memory_type:
                    lane.memory[stopped != 0] = 0
                lane.halted(stopped)
                if lane.reaction is not None:
                    lane.reaction(stopped)

    def halted(self, mask: Bytes) -> None:  # noqa: B027 - most kinds have nothing to do then
        """Was running, and is not any more."""

    def state(self) -> dict[str, NDArray[Any]]:
        """Copies of all that is kept."""
        return {"status": self.status.copy(), "memory": self.memory.copy(), "kept": self.kept.copy()}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Put copies back."""
        self.status, self.memory, self.kept = (state[name].copy() for name in ("status", "memory", "kept"))


class ConditionLane(Lane):
    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.ask = array_call(node.args["code"] if node.kind == "ScriptCondition" else _call(node))

    def tick(self, mask: Bytes) -> Bytes:
        return self.give(mask, truth(self.ask(self.board), self.board.agents))

    def possible(self) -> frozenset[Status]:
        return frozenset({SUCCESS, FAILURE})


def _call(node: Node) -> Callable[..., Any]:
    if not isinstance(node, Leaf) or node.call is None:
        raise BadTree(node.label, "This node has no function.", "Give it one.")
    return node.call


def array_call(ask: Any) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = partial(ask.arrays, xp=np) if isinstance(ask, Script) else ask
    return found


def truth(value: Any, agents: int) -> Bytes:
    """An answer as statuses: SUCCESS is 1 and true."""
    array = np.asarray(value)
    if array.dtype != np.bool_:
        array = array != 0
    found: Bytes = array.view(np.uint8) if array.ndim else np.full(agents, array, np.uint8)
    return found


class ActionLane(Lane):
    def tick(self, mask: Bytes) -> Bytes:
        agents = np.flatnonzero(mask)
        if len(agents):
            given = _call(self.node)(self.board, agents)
            self.status[agents] = SUCCESS if given is None else given
        return self.status.copy()

    def halted(self, mask: Bytes) -> None:
        halted = mark_of(_call(self.node)).halted
        if halted is not None:
            halted(self.board, np.flatnonzero(mask))


class PureLane(Lane):
    def tick(self, mask: Bytes) -> Bytes:
        if not some(mask):
            return self.status
        given, written = parted(_call(self.node)(self.board, np))
        self.put(mask, written)
        return self.give(mask, np.full(self.board.agents, SUCCESS if given is None else given, np.uint8))

    def put(self, mask: Bytes, written: Mapping[str, Any]) -> None:
        """Write what it gives for those of ``mask``."""
        board = Masked(self.board, mask)
        for key, value in written.items():
            board[key] = value

    def halted(self, mask: Bytes) -> None:
        halted = mark_of(_call(self.node)).halted
        if halted is not None:
            self.put(mask, halted(self.board, np))


class ConstantLane(Lane):
    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        result = FAILURE if node.kind == "AlwaysFailure" else SUCCESS
        self.result: Bytes = np.full(board.agents, result, np.uint8)

    def tick(self, mask: Bytes) -> Bytes:
        return self.give(mask, self.result)

    def possible(self) -> frozenset[Status]:
        return frozenset({SUCCESS, FAILURE})
