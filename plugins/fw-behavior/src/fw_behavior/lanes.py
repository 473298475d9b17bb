"""`Lane`: one node of many agents, and the lanes of leaves and chains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fw_behavior.errors import BadTree
from fw_behavior.leaves import Leaf, mark_of
from fw_behavior.node import Node
from fw_behavior.script import Script
from fw_behavior.status import FAILURE, IDLE, RUNNING, SKIPPED, SUCCESS, Status

Bytes = NDArray[np.uint8]


class Board(Protocol):
    """The columns of all agents."""

    agents: int
    now: float

    def __getitem__(self, key: str, /) -> NDArray[Any]: ...


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
        self.everyone: Bytes | None = None
        """The mask of all agents, to be known by identity."""
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
    found: Callable[[Any], Any] = ask.arrays if isinstance(ask, Script) else ask
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
            halted(self.board, np.flatnonzero(mask))  # type: ignore[call-arg]  # of columns and numbers


class ConstantLane(Lane):
    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        result = FAILURE if node.kind == "AlwaysFailure" else SUCCESS
        self.result: Bytes = np.full(board.agents, result, np.uint8)

    def tick(self, mask: Bytes) -> Bytes:
        return self.give(mask, self.result)

    def possible(self) -> frozenset[Status]:
        return frozenset({SUCCESS, FAILURE})


class ChainLane(Lane):
    """``memory`` (with ``keep``: `kept`) is the place of the child that is running, without memory 1 + the place."""

    memory_type = np.int32
    kept_type = np.int32

    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.go = SUCCESS if node.kind == "Sequence" else FAILURE
        self.goes: Bytes = np.full(board.agents, self.go, np.uint8)
        self.idle_memory = True
        """Nobody is in the middle: indices need not be looked at."""

    def possible(self) -> frozenset[Status]:
        return frozenset({SUCCESS, FAILURE}).union(*(child.gives for child in self.children))

    def tick(self, mask: Bytes) -> Bytes:
        if not self.node.args.get("keep") and RUNNING not in self.gives and SKIPPED not in self.gives:
            return self._plain(mask)
        return self._remembering(mask) if self.node.args["memory"] else self._reactive(mask)

    def _plain(self, mask: Bytes) -> Bytes:
        """All children succeed or fail, so nothing is remembered, and statuses are truth values."""
        alive = mask
        for child in self.children:
            if child.children and not some(alive):
                break
            given = child.tick(alive)
            alive = alive & (-given if self.go is SUCCESS else given - ONE)
        return self.give(mask, (alive if self.go is SUCCESS else ~alive) & ONE)

    def _remembering(self, mask: Bytes) -> Bytes:
        index = self.kept if self.node.args.get("keep") else self.memory
        fresh = self.idle_memory
        alive, result, skipped = mask, self.goes.copy(), None
        for place, child in enumerate(self.children):
            turn = alive if fresh else alive & where(index <= place)
            if not some(turn):
                continue
            given = child.tick(turn)
            stop = where(given != self.go) & turn
            if some(stop):
                if SKIPPED in child.gives:
                    passed = where(given == SKIPPED) & stop
                    skipped = (0 if skipped is None else skipped) + (passed & ONE).astype(np.int32)
                    stop &= ~passed
                blend(result, given, stop)
                self._remember(index, place, given, stop)
                alive = alive & ~stop
        if not self.idle_memory:
            index[alive != 0] = 0
        return self._ended(mask, alive, result, skipped, index)

    def _ended(
        self, mask: Bytes, alive: Bytes, result: Bytes, skipped: NDArray[np.int32] | None, index: NDArray[Any]
    ) -> Bytes:
        if skipped is not None:
            blend(result, np.full_like(result, SKIPPED), alive & where(skipped == len(self.children)))
        self.idle_memory = self.idle_memory or not index.any()
        return self.give(mask, result)

    def _remember(self, index: NDArray[Any], place: int, given: Bytes, stop: Bytes) -> None:
        keep = stop if self.node.args.get("keep") else where(given == RUNNING) & stop
        if not self.idle_memory:
            index[stop != 0] = 0
        if place and some(keep):
            index[keep != 0] = place
            self.idle_memory = False

    def _reactive(self, mask: Bytes) -> Bytes:
        alive, result, skipped = mask, self.goes.copy(), None
        before = None if self.idle_memory else self.memory.copy()
        for place, child in enumerate(self.children):
            if not some(alive):
                break
            given = child.tick(alive)
            stop = where(given != self.go) & alive
            if some(stop):
                if SKIPPED in child.gives:
                    passed = where(given == SKIPPED) & stop
                    skipped = (0 if skipped is None else skipped) + (passed & ONE).astype(np.int32)
                    stop &= ~passed
                blend(result, given, stop)
                if before is not None:
                    self._leave(before, place, stop)
                    self.memory[stop != 0] = 0
                stays = where(given == RUNNING) & stop
                if some(stays):
                    self.memory[stays != 0] = place + 1
                    self.idle_memory = False
                alive = alive & ~stop
        if not self.idle_memory:
            self.memory[alive != 0] = 0
        return self._ended(mask, alive, result, skipped, self.memory)

    def _leave(self, before: NDArray[Any], place: int, stop: Bytes) -> None:
        for other, child in enumerate(self.children):
            if other != place:
                left = stop & where(before == other + 1)
                if some(left):
                    child.halt(left)

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        super().set_state(state)
        self.idle_memory = not (self.memory.any() or self.kept.any())
