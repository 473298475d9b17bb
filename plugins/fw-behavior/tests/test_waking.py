"""A tree that is woken does what a ticked one does: random trees, and trees that are changed while they wait."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from fw_behavior import (
    RUNNING,
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Delay,
    ForceSuccess,
    Guard,
    Inverter,
    Node,
    Parallel,
    ParallelAll,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Sleep,
    SubTree,
    Switch,
    Timeout,
    WhileDoElse,
)
from fw_behavior.testing import Scripted
from fw_behavior.tree import Engine
from fw_behavior.waking import alarmed, run

KEYS = ("a", "b", "c")


class Grown:
    """A random tree whose conditions read three keys of the world; every script writes a key of its own."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.written = 0
        self.root = self.node(3)

    def asked(self) -> str:
        return f"{self.chance.choice(KEYS)} > {self.chance.randint(0, 3)}"

    def leaf(self) -> Node:
        kind = self.chance.randrange(6)
        if kind == 0:
            return ScriptCondition(self.asked())
        if kind == 1:
            self.written += 1
            return ScriptNode(f"own{self.written} := 1")
        return Sleep(self.chance.randint(2, 9), **({"while_": self.asked()} if kind == 2 else {}))

    def node(self, depth: int) -> Node:
        if not depth:
            return self.leaf()
        below = [self.node(depth - 1) for _ in range(self.chance.randint(1, 3))]
        memory = self.chance.random() < 0.5
        if not memory:  # what is asked anew on each tick takes no time: how often it is done depends on the ticks
            below[:-1] = [ScriptCondition(self.asked()) for _ in below[:-1]]
        when: Any = {self.chance.choice(("skip_if", "while_", "success_if")): self.asked()} if memory else {}
        kinds: list[Any] = [
            lambda: Sequence(*below, memory=memory, **when),
            lambda: Selector(*below, memory=memory, **when),
            lambda: Parallel(*below, success=1, failure=-1),
            lambda: ParallelAll(*below),
            lambda: Guard(below[0], self.asked()),
            lambda: Timeout(below[0], self.chance.randint(1, 5)),
            lambda: Delay(below[0], self.chance.randint(0, 3)),
            lambda: Inverter(below[0]),
            lambda: ForceSuccess(below[0]),
            lambda: WhileDoElse(ScriptCondition(self.asked()), *below[:2]),
            lambda: Switch("a", {1: below[0]}, below[-1] if len(below) > 1 else AlwaysSuccess()),
            lambda: SubTree(below[0], autoremap=True),
        ]
        made: Node = self.chance.choice(kinds)()
        return made


def test_a_random_tree_that_is_woken_does_what_a_ticked_one_does(engine: Engine) -> None:
    spared = 0
    for seed in range(200):
        grown = Grown(seed)
        world = grown.chance
        ticked, driven = (BehaviorTree(grown.root, Blackboard(dict.fromkeys(KEYS, 2)), engine=engine) for _ in "ab")
        with alarmed(driven) as alarm:
            for now in range(25):
                if world.random() < 0.2:
                    key, value = world.choice(KEYS), world.randint(0, 4)
                    ticked.blackboard[key] = driven.blackboard[key] = value
                given = ticked.tick(now)
                if alarm.due(now):
                    alarm.tick(now)
                else:
                    spared += 1
                told = f"seed {seed}, time {now}"
                assert driven.statuses == ticked.statuses, told
                values = (tree.blackboard.snapshot()["values"] for tree in (ticked, driven))
                assert next(values) == next(values), told
                if given is not RUNNING:  # done: the ticked tree starts anew, so the driven one is told to
                    driven.changed.set()
    assert spared > 500


async def test_a_tree_that_waits_hears_of_the_keys_of_a_new_subtree() -> None:
    tree = BehaviorTree(Selector(ScriptCondition("old > 0", name="asks"), Scripted(RUNNING).node, memory=False))
    tree.blackboard["old"] = tree.blackboard["new"] = 0
    running = asyncio.create_task(run(tree, poll=60))
    await asyncio.sleep(0)
    tree.swap("Selector/asks", ScriptCondition("new > 0", name="asks"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tree.blackboard["new"] = 1
    async with asyncio.timeout(10):
        assert (await running).name == "SUCCESS"
