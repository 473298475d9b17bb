"""The batch engine does for each agent what a tree of its own would do."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

from fw_behavior import (
    AlwaysFailure,
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Convert,
    Cooldown,
    Delay,
    ForceFailure,
    ForceSuccess,
    Guard,
    IfThenElse,
    Inverter,
    KeepRunningUntilFailure,
    Node,
    Parallel,
    ParallelAll,
    RandomSelector,
    Repeat,
    Retry,
    RunOnce,
    Script,
    ScriptCondition,
    Selector,
    Sequence,
    Sleep,
    Status,
    Switch,
    Timeout,
    TryCatch,
    WhileDoElse,
    action,
    condition,
)
from fw_behavior.batch import BatchTree
from fw_behavior.batch_nodes import BATCHED
from fw_behavior.errors import MissingKey, Unsupported

TREES = int(os.environ.get("FW_BEHAVIOR_TREES", "1000"))
AGENTS = 3
S, F, R, K = Status.SUCCESS, Status.FAILURE, Status.RUNNING, Status.SKIPPED
LEAVES = ("Action", "Action", "Action", "Condition", "ScriptCondition", "AlwaysSuccess", "AlwaysFailure", "Sleep")
ONE = ("Inverter", "ForceSuccess", "ForceFailure", "KeepRunningUntilFailure", "Convert", "Repeat", "Retry", "Timeout",
       "Delay", "Cooldown", "RunOnce", "Guard")  # fmt: skip
MANY = ("Sequence", "Selector", "Sequence", "Selector", "IfThenElse", "WhileDoElse", "Parallel", "ParallelAll",
        "Switch", "TryCatch")  # fmt: skip


class Grower:
    """Random trees whose leaves work for one agent and for many."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.names: list[str] = []

    def leaf(self) -> Any:
        name = f"leaf{len(self.names)}"
        self.names.append(name)
        pattern = np.array([self.random.choice((0, 1, 0, 1, 2, 2, 3)) for _ in range(self.random.randint(1, 4))])

        def act(bb: Any, agents: Any = None) -> Any:
            if agents is None:
                bb[name] += 1
                return Status(int(pattern[bb[name] % len(pattern)]))
            bb[name][agents] += 1
            return pattern[bb[name][agents] % len(pattern)]

        def halted(bb: Any, agents: Any = None) -> None:
            if agents is None:
                bb[f"{name} halted"] += 1
            else:
                bb[f"{name} halted"][agents] += 1

        return action(id=name, halted=halted)(act)

    def check(self) -> Any:
        limit = self.random.randint(0, 3)
        return condition(id="check")(lambda bb: bb["world"] % 4 >= limit)

    def node(self, depth: int) -> Any:
        pick = self.random
        kind = pick.choice(LEAVES if depth <= 0 else (*LEAVES, *ONE, *MANY, *MANY, *MANY))
        if kind in ONE:
            return self.decorator(kind, self.node(depth - 1))
        if kind in MANY:
            return self.composite(kind, depth)
        if kind in {"Action", "Condition"}:
            return self.leaf() if kind == "Action" else self.check()
        if kind == "Sleep":
            return Sleep(pick.randint(0, 3))
        if kind == "ScriptCondition":
            text = pick.choice(("world % 3 == 1", "world > 2 && !(world == 5)", "(world < 4 ? 1 : world - 5) != 0"))
            return ScriptCondition(text)
        return AlwaysSuccess() if kind == "AlwaysSuccess" else AlwaysFailure()

    def composite(self, kind: str, depth: int) -> Node:
        pick = self.random
        if kind in {"IfThenElse", "WhileDoElse"}:
            nodes = [self.node(depth - 1) for _ in range(pick.randint(2, 3))]
            return IfThenElse(*nodes) if kind == "IfThenElse" else WhileDoElse(*nodes)
        if kind in {"TryCatch", "Switch"}:
            nodes = [self.node(depth - 1) for _ in range(pick.randint(2, 4))]
            return TryCatch(*nodes) if kind == "TryCatch" else Switch("world", dict(enumerate(nodes[1:])), nodes[0])
        if kind == "ParallelAll":
            nodes = [self.node(depth - 1) for _ in range(pick.randint(0, 4))]
            return ParallelAll(*nodes, max_failures=pick.randint(1, 3))
        if kind == "Parallel":
            nodes = [self.node(depth - 1) for _ in range(pick.randint(1, 4))]
            counts = [pick.choice([n for n in range(-len(nodes), len(nodes) + 1) if n]) for _ in "sf"]
            return Parallel(*nodes, success=counts[0], failure=counts[1], synchronised=pick.random() < 0.7)
        nodes = [self.node(depth - 1) for _ in range(pick.randint(0, 5))]
        memory = pick.random() < 0.6
        if kind == "Selector":
            return Selector(*nodes, memory=memory)
        return Sequence(*nodes, memory=memory, keep=memory and pick.random() < 0.3)

    def decorator(self, kind: str, child: Any) -> Node:
        pick = self.random
        plain = {
            "Inverter": Inverter,
            "ForceSuccess": ForceSuccess,
            "ForceFailure": ForceFailure,
            "KeepRunningUntilFailure": KeepRunningUntilFailure,
        }
        if kind in plain:
            return plain[kind](child)
        if kind in {"Repeat", "Retry"}:
            return (Repeat if kind == "Repeat" else Retry)(child, pick.choice((-1, 0, 1, 2, 3)))
        if kind == "Convert":
            return Convert(child, success=pick.choice((S, R)), running=pick.choice((R, S, K)))
        if kind == "RunOnce":
            return RunOnce(child, skip=pick.random() < 0.5)
        if kind == "Guard":
            condition = self.check() if pick.random() < 0.7 else Script("world > 1")
            return Guard(child, condition, otherwise=pick.choice((F, S, K)), once=pick.random() < 0.3)
        timer: Any = {"Timeout": Timeout, "Delay": Delay, "Cooldown": Cooldown}[kind]
        found: Node = timer(child, pick.randint(0, 4))
        return found


def test_every_agent_of_a_batch_does_what_a_tree_of_its_own_does() -> None:
    kinds: set[str] = set()
    for seed in range(TREES):
        grower = Grower(seed)
        root = Sequence(grower.node(3))
        keys = [key for name in grower.names for key in (name, f"{name} halted")]
        batch = BatchTree(root, AGENTS, {key: np.zeros(AGENTS, int) for key in ["world", *keys]})
        kinds |= {node.kind for node in batch.plan.nodes}
        world, now = random.Random(seed), 0  # noqa: S311
        trees = [BehaviorTree(root, Blackboard(dict.fromkeys(keys, 0)), engine="compiled") for _ in range(AGENTS)]
        for _ in range(5):
            now += world.choice((0, 1, 1, 2))
            values = [world.randint(0, 7) for _ in trees]
            halted = [world.random() < 0.05 for _ in trees]
            batch.halt(np.array(halted))
            batch.columns["world"] = np.array(values)
            given = batch.tick(now)
            for agent, tree in enumerate(trees):
                if halted[agent]:
                    tree.halt()
                tree.blackboard["world"] = values[agent]
                assert tree.tick(now) == given[agent], f"seed {seed}"
                assert tree.statuses == batch.statuses(agent), f"seed {seed}"
                seen = [int(batch.columns[key][agent]) for key in keys]
                assert seen == [tree.blackboard[key] for key in keys], f"seed {seed}"
    assert kinds == set(BATCHED)


def test_what_a_batch_cannot_do_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"Sequence/RandomSelector: the batch engine has no RandomSelector\. It has"):
        BatchTree(Sequence(RandomSelector(AlwaysSuccess())), 2)
    with pytest.raises(Unsupported, match="skip_if"):
        BatchTree(AlwaysSuccess(skip_if="x"), 2)

    with pytest.raises(Unsupported, match="script that writes"):
        BatchTree(Guard(AlwaysSuccess(), "x := 1"), 2)

    async def fetch(bb: Any) -> None:
        """Never run."""

    with pytest.raises(Unsupported, match="fetch"):
        BatchTree(fetch, 2)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingKey, match="'hungr'"):
        BatchTree(ScriptCondition("hungr > 1"), 2, {"hunger": 0}).tick()


def test_a_batch_goes_on_from_a_snapshot() -> None:
    def work(bb: Any, agents: Any) -> Any:
        return np.where(bb["left"][agents] > 0, R, S)

    tree = BatchTree(Sequence(AlwaysSuccess(), work, Repeat(AlwaysSuccess(), 2)), 3, {"left": [0, 1, 2]})
    assert tree.tick().tolist() == [S, R, R]
    taken = tree.snapshot()
    tree.columns["left"] = [0, 0, 1]
    assert tree.tick().tolist() == [S, S, R]
    tree.restore(taken)
    assert tree.status.tolist() == [S, R, R]
    assert tree.tick().tolist() == [S, S, R]
