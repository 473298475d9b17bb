"""What decorators and branches do for many agents at once."""

from __future__ import annotations

import numpy as np

from fw_behavior.columns import Board, Bytes
from fw_behavior.decorators import table_of
from fw_behavior.lanes import ONE, Lane, array_call, blend, some, truth, where
from fw_behavior.node import Node
from fw_behavior.status import FAILURE, IDLE, RUNNING, SKIPPED, SUCCESS, Status


class MappedLane(Lane):
    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.table: Bytes = np.array([*table_of(node), IDLE], np.uint8)
        self.inverts = node.kind == "Inverter"
        self.lets_go = self.table[RUNNING] != RUNNING

    def tick(self, mask: Bytes) -> Bytes:
        given = self.children[0].tick(mask)
        result: Bytes = (given ^ (given < RUNNING).view(np.uint8)) if self.inverts else self.table[given]
        self.give(mask, result)
        if self.lets_go:
            self.children[0].halt(mask & where(given == RUNNING))
        return result

    def possible(self) -> frozenset[Status]:
        return frozenset(Status(int(self.table[given])) for given in self.children[0].gives)


class CountLane(Lane):
    memory_type = np.int32

    def tick(self, mask: Bytes) -> Bytes:
        times: int = self.node.args["times"]
        again = SUCCESS if self.node.kind == "Repeat" else FAILURE
        result: Bytes = np.full(self.board.agents, again, np.uint8)
        alive = mask if times < 0 else mask & where(self.memory < times)
        while some(alive):
            given = self.children[0].tick(alive)
            more = alive & where(given == again)
            blend(result, given, alive & ~more)
            self.memory[(alive & ~more & where(given != RUNNING)) != 0] = 0
            if times < 0:
                blend(result, np.full_like(result, RUNNING), more)
                break
            self.memory[more != 0] += 1
            alive = more & where(self.memory < times)
        self.memory[(mask & where(result != RUNNING)) != 0] = 0
        return self.give(mask, result)


class GuardLane(Lane):
    def tick(self, mask: Bytes) -> Bytes:
        holds = -truth(array_call(self.node.args["condition"])(self.board), self.board.agents)
        if self.node.args["once"]:
            holds = holds | self.running(mask)
        refused = mask & ~holds
        self.children[0].halt(refused & where(self.status == RUNNING))
        result: Bytes = np.full(self.board.agents, self.node.args["otherwise"], np.uint8)
        entered = mask & holds
        if some(entered):
            blend(result, self.children[0].tick(entered), entered)
        return self.give(mask, result)


class TimerLane(Lane):
    """Timeout and Delay: ``memory`` is when it started. Cooldown: ``kept`` is when the child was done, or minus
    infinity.
    """

    memory_type = np.float64

    def tick(self, mask: Bytes) -> Bytes:
        now, seconds = self.board.now, self.node.args["seconds"]
        running = self.running(mask)
        self.memory[(mask & ~running) != 0] = now
        over = where(now >= self.memory + seconds)
        timeout = self.node.kind == "Timeout"
        entered = mask & ~(running & over) if timeout else mask & over
        result: Bytes = np.full(self.board.agents, FAILURE if timeout else RUNNING, np.uint8)
        if timeout:
            self.children[0].halt(mask & ~entered)
        if some(entered):
            blend(result, self.children[0].tick(entered), entered)
        return self.give(mask, result)


class CooldownLane(Lane):
    kept_type = np.float64

    def __init__(self, node: Node, i: int, board: Board) -> None:
        super().__init__(node, i, board)
        self.kept[:] = -np.inf

    def tick(self, mask: Bytes) -> Bytes:
        now = self.board.now
        entered = mask & (where(now >= self.kept + self.node.args["seconds"]) | self.running(mask))
        result: Bytes = np.full(self.board.agents, FAILURE, np.uint8)
        if some(entered):
            given = self.children[0].tick(entered)
            blend(result, given, entered)
            self.kept[(entered & where(given <= SUCCESS)) != 0] = now
        return self.give(mask, result)


class RunOnceLane(Lane):
    """``kept`` is 0, or 1 + what the child gave."""

    kept_type = np.uint8

    def tick(self, mask: Bytes) -> Bytes:
        result: Bytes = (
            np.full_like(self.status, SKIPPED) if self.node.args["skip"] else np.maximum(self.kept, 1) - np.uint8(1)
        )
        entered = mask & where(self.kept == 0)
        if some(entered):
            given = self.children[0].tick(entered)
            blend(result, given, entered)
            done = (entered & where(given <= SUCCESS)) != 0
            self.kept[done] = given[done] + 1
        return self.give(mask, result)


class BranchLane(Lane):
    """IfThenElse and WhileDoElse: ``memory`` is the branch that is running, or 0."""

    memory_type = np.uint8

    def tick(self, mask: Bytes) -> Bytes:
        reactive = self.node.kind == "WhileDoElse"
        inside = np.zeros_like(mask) if reactive else mask & where(self.memory != 0)
        asked = mask & ~inside
        answer = self.children[0].tick(asked) if some(asked) else self.status
        result: Bytes = np.full(self.board.agents, FAILURE, np.uint8)
        waiting = asked & where(answer >= RUNNING)
        blend(result, answer, waiting)
        before = self.memory.copy()
        for branch in (1, 2):
            chosen = asked & where(answer == (SUCCESS if branch == 1 else FAILURE)) | inside & where(before == branch)
            if reactive:
                other = 3 - branch
                if other < len(self.children):
                    self.children[other].halt(chosen & where(before == other))
                if branch < len(self.children):
                    self.children[branch].halt(waiting & where(before == branch))
            if branch < len(self.children) and some(chosen):
                blend(result, self.children[branch].tick(chosen), chosen)
            self.memory[chosen != 0] = branch
        self.memory[(mask & (where(result != RUNNING) | waiting)) != 0] = 0
        return self.give(mask, result)


class SwitchLane(Lane):
    """``memory`` is 1 + the child that is running."""

    memory_type = np.int32

    def tick(self, mask: Bytes) -> Bytes:
        cases: tuple[str, ...] = self.node.args["cases"]
        values, which = np.unique(self.board[self.node.args["key"]], return_inverse=True)
        texts = [str(value) for value in values.tolist()]
        places = np.array([cases.index(text) if text in cases else len(cases) for text in texts])[which]
        result: Bytes = np.full(self.board.agents, FAILURE, np.uint8)
        for place, child in enumerate(self.children):
            child.halt(mask & where(self.memory == place + 1) & where(places != place))
        for place, child in enumerate(self.children):
            chosen = mask & where(places == place)
            if some(chosen):
                blend(result, child.tick(chosen), chosen)
        running = (mask & where(result == RUNNING)) != 0
        self.memory[mask != 0] = 0
        self.memory[running] = places[running] + 1
        return self.give(mask, result)


class TryCatchLane(Lane):
    """``memory`` is the place of the child that is running."""

    memory_type = np.int32

    def tick(self, mask: Bytes) -> Bytes:
        last = len(self.children) - 1
        catching = mask & where(self.memory == last)
        alive = mask & ~catching
        result: Bytes = np.full(self.board.agents, SUCCESS, np.uint8)
        skipped = np.zeros(self.board.agents, np.int32)
        for place, child in enumerate(self.children[:last]):
            turn = alive & where(self.memory <= place)
            if some(turn):
                given = child.tick(turn)
                skipped += turn & where(given == SKIPPED) & ONE
                self.stay(turn & where(given == RUNNING), place, result)
                catching |= turn & where(given == FAILURE)
                alive = alive & ~(turn & (where(given == RUNNING) | where(given == FAILURE)))
        self.memory[alive != 0] = 0
        blend(result, np.full_like(result, SKIPPED), alive & where(skipped == last))
        if some(catching):
            given = self.children[last].tick(catching)
            blend(result, np.full_like(result, FAILURE), catching)
            self.memory[catching != 0] = 0
            self.stay(catching & where(given == RUNNING), last, result)
        return self.give(mask, result)

    def stay(self, mask: Bytes, place: int, result: Bytes) -> None:
        """Running at one child."""
        blend(result, np.full_like(result, RUNNING), mask)
        self.memory[mask != 0] = place


class SleepLane(Lane):
    memory_type = np.float64

    def tick(self, mask: Bytes) -> Bytes:
        now = self.board.now
        self.memory[(mask & ~self.running(mask)) != 0] = now
        result: Bytes = np.where(now >= self.memory + self.node.args["seconds"], np.uint8(SUCCESS), np.uint8(RUNNING))
        return self.give(mask, result)
