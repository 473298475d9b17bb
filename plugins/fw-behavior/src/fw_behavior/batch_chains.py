"""Sequence and Selector for many agents at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_behavior.columns import Board, Bytes
from fw_behavior.lanes import ONE, Lane, blend, some, where
from fw_behavior.node import Node
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status


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
