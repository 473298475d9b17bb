"""The rarer kinds of nodes for many agents at once: orders that are drawn or scored, loops, services, writers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_behavior.columns import Board, Bytes, Masked
from fw_behavior.lanes import Lane, array_call, blend, some, where
from fw_behavior.machine import MASK
from fw_behavior.node import Node
from fw_behavior.script import Script
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status

Keys = NDArray[np.float64]
MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
STEP = np.uint64(0x9E3779B97F4A7C15)


def uniform(seeds: NDArray[np.uint64], node: int, turns: NDArray[np.int64]) -> Keys:
    """What `machine.uniform` gives for each seed and turn."""
    state = seeds * STEP + np.uint64(node * int(MULTIPLIERS[0]) & MASK) + turns.astype(np.uint64) * MULTIPLIERS[1]
    for _ in range(2):
        state = state + STEP
        state = (state ^ (state >> np.uint64(30))) * MULTIPLIERS[0]
        state = (state ^ (state >> np.uint64(27))) * MULTIPLIERS[1]
        state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def react(call: Any, board: Board, mask: Bytes) -> None:
    """Run a script, or a function of columns and numbers, for the agents of ``mask``."""
    if some(mask):
        if isinstance(call, Script):
            call.arrays(Masked(board, mask), np)
        else:
            call(board, np.flatnonzero(mask))


class OrderedLane(Lane):
    """``memory`` has, for each agent, 0 or 1 + the place in the order, and the order of the children."""

    memory_type = np.int32

    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.memory = np.zeros((board.agents, len(node.children) + 1), np.int32)
        self.go = SUCCESS if node.kind == "RandomSequence" else FAILURE

    @abstractmethod
    def keys(self, fresh: Bytes) -> Keys:
        """For each agent and child a number: turns come in descending order. Only those of ``fresh`` are used."""

    def arrange(self, fresh: Bytes) -> None:
        """Put the children in order, where the node is started."""
        if some(fresh):
            chosen = fresh != 0
            self.memory[chosen, 1:] = np.argsort(-self.keys(fresh)[chosen], axis=1, kind="stable")
            self.memory[chosen, 0] = 1

    def tick(self, mask: Bytes) -> Bytes:
        self.arrange(mask & where(self.memory[:, 0] == 0))
        before = self.memory[:, 0] - 1
        alive, result = mask, np.full(self.board.agents, self.go, np.uint8)
        skipped = np.zeros(self.board.agents, np.int32)
        for step in range(len(self.children)):
            turn = alive & where(before <= step)
            place = self.memory[:, step + 1]
            for at, child in enumerate(self.children):
                asked = turn & where(place == at)
                if some(asked):
                    given = child.tick(asked)
                    passed = asked & where(given == SKIPPED)
                    skipped += passed & np.uint8(1)
                    stop = asked & where(given != self.go) & ~passed
                    blend(result, given, stop)
                    self.memory[(stop & where(given == RUNNING)) != 0, 0] = step + 1
                    alive = alive & ~stop
        blend(result, np.full_like(result, SKIPPED), alive & where((skipped > 0) & (skipped == len(self.children))))
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class RandomLane(OrderedLane):
    """``kept`` is how often each agent has drawn. Agent i draws as a tree of its own with the seed ``seed + i``."""

    kept_type = np.int64

    def keys(self, fresh: Bytes) -> Keys:
        count = len(self.children)
        weights = self.node.args["weights"] or (1.0,) * count
        found = np.empty((self.board.agents, count))
        for place, weight in enumerate(weights):
            drawn = uniform(self.seeds, self.i, self.kept + place)
            found[:, place] = drawn ** (1.0 / weight) if weight else -1.0
        self.kept[fresh != 0] += count
        return found


class UtilityLane(OrderedLane):
    def keys(self, fresh: Bytes) -> Keys:
        found = np.empty((self.board.agents, len(self.children)))
        for place, score in enumerate(self.node.args["scores"]):
            found[:, place] = array_call(score)(self.board)
        return found

    def tick(self, mask: Bytes) -> Bytes:
        return super().tick(mask) if self.node.args["memory"] else self._reactive(mask)

    def _reactive(self, mask: Bytes) -> Bytes:
        """Without memory: ``memory`` is 1 + the child that was left running."""
        order = np.argsort(-self.keys(mask), axis=1, kind="stable")
        before = self.memory[:, 0].copy()
        alive, result = mask, np.full(self.board.agents, FAILURE, np.uint8)
        skipped = np.zeros(self.board.agents, np.int32)
        self.memory[mask != 0] = 0
        for step in range(len(self.children)):
            turn = alive
            for at, child in enumerate(self.children):
                asked = turn & where(order[:, step] == at)
                if some(asked):
                    given = child.tick(asked)
                    passed = asked & where(given == SKIPPED)
                    skipped += passed & np.uint8(1)
                    stop = asked & where(given != FAILURE) & ~passed
                    blend(result, given, stop)
                    for other, left in enumerate(self.children):
                        if other != at:
                            left.halt(stop & where(before == other + 1))
                    self.memory[(stop & where(given == RUNNING)) != 0, 0] = at + 1
                    alive = alive & ~stop
        blend(result, np.full_like(result, SKIPPED), alive & where((skipped > 0) & (skipped == len(self.children))))
        return self.give(mask, result)


class AsyncLane(Lane):
    """AsyncSequence and AsyncSelector: ``memory`` is the place of the child whose turn it is."""

    memory_type = np.int32

    def tick(self, mask: Bytes) -> Bytes:
        count, go = len(self.children), SUCCESS if self.node.kind == "AsyncSequence" else FAILURE
        alive, result = mask, np.full(self.board.agents, go, np.uint8)
        skipped = np.zeros(self.board.agents, np.int32)
        first = self.memory.copy()
        for place, child in enumerate(self.children):
            turn = alive & where(first <= place)
            if some(turn):
                began = turn & ~child.running(turn)
                given = child.tick(turn)
                passed = turn & where(given == SKIPPED)
                skipped += passed & np.uint8(1)
                went = turn & where(given == go)
                waits = began & went if place + 1 < count else turn & ~turn
                blend(result, given, turn & ~passed & ~went)
                blend(result, np.full_like(result, RUNNING), waits)
                self.memory[(turn & where(given == RUNNING)) != 0] = place
                self.memory[waits != 0] = place + 1
                alive = alive & ~((turn & ~passed & ~went) | waits)
        blend(result, np.full_like(result, SKIPPED), alive & where((skipped > 0) & (skipped == count)))
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class LoopLane(Lane):
    """Over a tuple: ``memory`` has, for each agent, whether the child works on an entry, and the place in the tuple."""

    memory_type = np.int32

    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.memory = np.zeros((board.agents, 2), np.int32)

    def tick(self, mask: Bytes) -> Bytes:
        args = self.node.args
        queue: tuple[Any, ...] = args["queue"]
        starts = mask & where(self.memory[:, 0] == 0)
        ended = starts & where(self.memory[:, 1] >= len(queue))
        nexts = starts & ~ended
        if some(nexts):
            entries = np.asarray(queue)[np.minimum(self.memory[:, 1], len(queue) - 1)]
            Masked(self.board, nexts)[args["value"]] = entries
            self.memory[nexts != 0, 1] += 1
        result: Bytes = np.full(self.board.agents, args["if_empty"], np.uint8)
        asked = mask & ~ended
        if some(asked):
            given = self.children[0].tick(asked)
            failed = asked & where(given == FAILURE)
            blend(result, np.full_like(result, RUNNING), asked)
            blend(result, given, failed)
            self.memory[asked != 0, 0] = (given == RUNNING)[asked != 0]
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class ServiceLane(Lane):
    """``memory`` is when it is due next."""

    memory_type = np.float64

    def tick(self, mask: Bytes) -> Bytes:
        now = self.board.now
        due = mask & (~self.running(mask) | where(now >= self.memory))
        react(self.node.args["condition"], self.board, due)
        self.memory[due != 0] = now + self.node.args["seconds"]
        result = self.children[0].tick(mask)
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class SubTreeLane(Lane):
    def tick(self, mask: Bytes) -> Bytes:
        return self.give(mask, self.children[0].tick(mask))

    def possible(self) -> frozenset[Status]:
        return self.children[0].gives


class WritingLane(Lane):
    """Script and SetBlackboard."""

    def tick(self, mask: Bytes) -> Bytes:
        if some(mask):
            self.write()(Masked(self.board, mask))
        return self.give(mask, np.full(self.board.agents, SUCCESS, np.uint8))

    def write(self) -> Callable[[Masked], Any]:
        """What writes."""
        args = self.node.args
        if self.node.kind == "Script":
            return array_call(args["code"])
        key, value = args["key"], args["value"]
        linked = isinstance(value, str) and value.startswith("{") and value.endswith("}")

        def put(board: Masked) -> None:
            board[key] = board[value[1:-1]] if linked else value

        return put

    def possible(self) -> frozenset[Status]:
        return frozenset({SUCCESS})


class WhenLane(Lane):
    """A lane with the conditions and reactions that every node may have; ``status`` and ``memory`` are the lane's."""

    OUTCOMES = (("failure_if", FAILURE), ("success_if", SUCCESS), ("skip_if", SKIPPED))

    def __init__(self, inner: Lane) -> None:
        super().__init__(inner.node, inner.i, inner.board)
        self.inner = inner

    def running(self, mask: Bytes) -> Bytes:
        return self.inner.running(mask)

    def halt(self, mask: Bytes) -> None:
        self.inner.halt(mask)

    def holds(self, key: str) -> Bytes:
        """For whom a condition is true."""
        return where(np.broadcast_to(np.asarray(array_call(self.node.when[key])(self.board)) != 0, self.board.agents))

    def tick(self, mask: Bytes) -> Bytes:
        when = self.node.when
        running = self.running(mask)
        result: Bytes = np.full(self.board.agents, SKIPPED, np.uint8)
        asked = mask
        for key, outcome in self.OUTCOMES:
            if key in when:
                met = asked & ~running & self.holds(key)
                blend(result, np.full_like(result, outcome), met)
                asked = asked & ~met
        if "while_" in when:
            left = asked & ~self.holds("while_")
            self.halt(left & running)
            asked = asked & ~left
        self.inner.give(mask & ~asked, result)
        if some(asked):
            blend(result, self.inner.tick(asked), asked)
            for key, status in (("on_success", SUCCESS), ("on_failure", FAILURE)):
                for reaction in (when.get(key), when.get("post")):
                    if reaction is not None:
                        react(reaction, self.board, asked & where(result == status))
        return result
