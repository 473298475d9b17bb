"""Parallel and ParallelAll for many agents at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fw_behavior.columns import Board, Bytes
from fw_behavior.lanes import Lane, blend, some, where
from fw_behavior.node import Node
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS, Status

Counts = NDArray[np.intp]


class ParallelAllLane(Lane):
    """``memory`` has, for each agent and child, 0 or 1 + what the child gave when it was done."""

    memory_type = np.uint8

    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.memory = np.zeros((board.agents, len(node.children)), np.uint8)

    def count(self, status: Status) -> Counts:
        """How many children of each agent have given this."""
        found: Counts = np.count_nonzero(self.memory == status + 1, axis=1)
        return found

    def turn(self, place: int, alive: Bytes) -> Bytes:
        """Tick one child for those of whom it is not done; who they are."""
        asked = alive & where(self.memory[:, place] == 0)
        if some(asked):
            given = self.children[place].tick(asked)
            done = (asked & where(given != RUNNING)) != 0
            self.memory[done, place] = given[done] + np.uint8(1)
        return asked

    def tick(self, mask: Bytes) -> Bytes:
        for place in range(len(self.children)):
            self.turn(place, mask)
        failed, skipped, all_of = self.count(FAILURE), self.count(SKIPPED), len(self.children)
        result: Bytes = np.where(failed >= self.node.args["max_failures"], np.uint8(FAILURE), np.uint8(SUCCESS))
        if all_of:
            result[skipped == all_of] = SKIPPED
            result[(self.memory == 0).any(axis=1)] = RUNNING
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class ParallelLane(ParallelAllLane):
    def tick(self, mask: Bytes) -> Bytes:
        if not self.node.args["synchronised"]:
            self.memory[mask != 0] = 0
        alive, result = mask, np.full(self.board.agents, RUNNING, np.uint8)
        for place in range(len(self.children)):
            asked = self.turn(place, alive)
            if some(asked):
                won, lost = self.decided()
                ended = asked & where(won | lost)
                blend(result, won.view(np.uint8), ended)
                self.end(ended)
                alive = alive & ~ended
        skipped = alive & where(self.count(SKIPPED) == len(self.children))
        blend(result, np.full_like(result, SKIPPED), skipped)
        self.memory[skipped != 0] = 0
        return self.give(mask, result)

    def end(self, ended: Bytes) -> None:
        """Halt what still runs, and forget what was given."""
        if some(ended):
            for child in reversed(self.children):
                child.halt(ended)
            self.memory[ended != 0] = 0

    def decided(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who has succeeded and who has failed, by the counts; SUCCESS is 1 and true."""
        all_of, args = len(self.children), self.node.args
        success, failure = (n if n > 0 else all_of + 1 + n for n in (args["success"], args["failure"]))
        succeeded, failed = self.count(SUCCESS), self.count(FAILURE)
        won = succeeded >= success
        if args["success"] < 0:
            won |= (succeeded > 0) & (succeeded + self.count(SKIPPED) >= success)
        return won, ~won & ((failed >= failure) | (all_of - failed < success))
