"""The objects engine and the compiled engine do the same, over random trees of all kinds of nodes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from fw_behavior import (
    AlwaysFailure,
    AlwaysSuccess,
    AsyncSelector,
    AsyncSequence,
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
    Loop,
    Node,
    Parallel,
    ParallelAll,
    RandomSelector,
    RandomSequence,
    Repeat,
    Retry,
    RunOnce,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Service,
    SetBlackboard,
    Sleep,
    Status,
    SubTree,
    Switch,
    Timeout,
    TryCatch,
    UnsetBlackboard,
    Updated,
    UtilitySelector,
    WhileDoElse,
    action,
    condition,
)
from fw_behavior.engine import RUNS

TREES = int(os.environ.get("FW_BEHAVIOR_TREES", "10000"))
S, F, R, K = Status.SUCCESS, Status.FAILURE, Status.RUNNING, Status.SKIPPED


class Grower:
    """Makes random trees; the same seed, the same tree."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.leaves = 0

    def leaf(self) -> Any:
        self.leaves += 1
        name = f"leaf{self.leaves}"
        pattern = [
            self.random.choice((S, S, F, F, R, R, K, True, False, None)) for _ in range(self.random.randint(1, 4))
        ]

        def act(bb: Any) -> Any:
            done = bb.get(f"@{name}", 0) if hasattr(bb, "root") else bb.get(name, 0)
            bb[f"@{name}" if hasattr(bb, "root") else name] = done + 1
            log(bb, name)
            return pattern[done % len(pattern)]

        def stopped(bb: Any) -> None:
            log(bb, f"halt {name}")

        return action(id=name, halted=stopped)(act)

    def check(self) -> Any:
        limit = self.random.randint(0, 3)

        def asked(bb: Any) -> bool:
            root = getattr(bb, "root", bb)
            return bool(root["world"] % 4 >= limit)

        return condition(id=f"world>={limit}")(asked)

    def when(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in ("failure_if", "success_if", "skip_if", "while_"):
            if self.random.random() < 0.06:
                found[key] = self.check()
        for key in ("on_halted", "on_failure", "on_success", "post"):
            if self.random.random() < 0.06:
                found[key] = lambda bb, key=key: log(bb, key)
        return found

    def children(self, depth: int, least: int = 0, most: int = 6) -> list[Node]:
        return [self.node(depth - 1) for _ in range(self.random.randint(least, most))]

    def score(self) -> Callable[[Any], float]:
        factor = self.random.randint(-3, 3)
        return lambda bb: float(getattr(bb, "root", bb)["world"] * factor % 5)

    def node(self, depth: int) -> Any:
        kind = self.random.choice(LEAVES if depth <= 0 else (*LEAVES, *INNER, *INNER, *INNER))
        return self.made(kind, depth)

    def made(self, kind: str, depth: int) -> Any:
        pick, when = self.random, self.when()
        one: Any = self.children(depth, 1, 1) if kind in ONE else []
        if kind in {"AsyncSequence", "AsyncSelector"}:
            chain = AsyncSequence if kind == "AsyncSequence" else AsyncSelector
            return chain(*self.children(depth), **when)
        if kind in {"Sequence", "Selector", "TryCatch", "IfThenElse", "WhileDoElse", "Parallel", "ParallelAll"}:
            return self.composite(kind, depth, when)
        simple: dict[str, Callable[[], Any]] = {
            "Action": self.leaf,
            "Condition": self.check,
            "Script": lambda: ScriptNode("y := @x + 2; y += 1", **when),
            "ScriptCondition": lambda: ScriptCondition(f"@world % 3 == {pick.randint(0, 2)}", **when),
            "AlwaysSuccess": lambda: AlwaysSuccess(**when),
            "AlwaysFailure": lambda: AlwaysFailure(**when),
            "Sleep": lambda: Sleep(pick.randint(0, 3), **when),
            "SetBlackboard": lambda: SetBlackboard("z", pick.randint(0, 3), **when),
            "UnsetBlackboard": lambda: UnsetBlackboard("z", **when),
            "Inverter": lambda: Inverter(one[0], **when),
            "ForceSuccess": lambda: ForceSuccess(one[0], **when),
            "ForceFailure": lambda: ForceFailure(one[0], **when),
            "KeepRunningUntilFailure": lambda: KeepRunningUntilFailure(one[0], **when),
            "Convert": lambda: Convert(
                one[0], failure=pick.choice((S, F)), success=pick.choice((S, R)), running=pick.choice((R, S, K)), **when
            ),
            "Repeat": lambda: Repeat(one[0], pick.choice((-1, 0, 1, 2, 3)), **when),
            "Retry": lambda: Retry(one[0], pick.choice((-1, 0, 1, 2, 3)), **when),
            "Timeout": lambda: Timeout(one[0], pick.randint(0, 4), **when),
            "Delay": lambda: Delay(one[0], pick.randint(0, 3), **when),
            "Cooldown": lambda: Cooldown(one[0], pick.randint(0, 3), **when),
            "RunOnce": lambda: RunOnce(one[0], skip=pick.random() < 0.5, **when),
            "Guard": lambda: Guard(
                one[0], self.check(), otherwise=pick.choice((F, S, K)), once=pick.random() < 0.3, **when
            ),
            "Service": lambda: Service(one[0], lambda bb: log(bb, "service"), pick.randint(0, 2), **when),
            "Loop": lambda: Loop(one[0], "@queue", "@item", if_empty=pick.choice((S, F, K)), **when),
            "Updated": lambda: Updated(one[0], "@world", wait=pick.random() < 0.5, **when),
            "SubTree": lambda: SubTree(one[0], ports={"z": "{z}"}, autoremap=pick.random() < 0.5, **when),
            "Switch": lambda: self.switch(depth, when),
            "RandomSelector": lambda: self.weighted(RandomSelector, depth, when),
            "RandomSequence": lambda: self.weighted(RandomSequence, depth, when),
            "UtilitySelector": lambda: self.utility(depth, when),
        }
        return simple[kind]()

    def composite(self, kind: str, depth: int, when: dict[str, Any]) -> Node:
        if kind in {"IfThenElse", "WhileDoElse"}:
            branch = IfThenElse if kind == "IfThenElse" else WhileDoElse
            return branch(*self.children(depth, 2, 3), **when)
        if kind == "TryCatch":
            return TryCatch(*self.children(depth, 2, 4), **when)
        if kind == "ParallelAll":
            return ParallelAll(*self.children(depth, 0, 4), max_failures=self.random.randint(1, 3), **when)
        if kind == "Parallel":
            nodes = self.children(depth, 1, 4)
            counts = [self.random.choice([n for n in range(-len(nodes), len(nodes) + 1) if n]) for _ in "sf"]
            synchronised = self.random.random() < 0.7
            return Parallel(*nodes, success=counts[0], failure=counts[1], synchronised=synchronised, **when)
        memory = self.random.random() < 0.6
        if kind == "Selector":
            return Selector(*self.children(depth), memory=memory, **when)
        return Sequence(*self.children(depth), memory=memory, keep=memory and self.random.random() < 0.3, **when)

    def switch(self, depth: int, when: dict[str, Any]) -> Node:
        cases = {str(place): node for place, node in enumerate(self.children(depth, 0, 3))}
        return Switch("@world", cases, self.node(depth - 1), **when)

    def weighted(self, kind: Any, depth: int, when: dict[str, Any]) -> Node:
        nodes = self.children(depth, 1, 4)
        weights = tuple(self.random.choice((0.0, 1.0, 2.5)) for _ in nodes) if self.random.random() < 0.5 else ()
        found: Node = kind(*nodes, weights=weights, **when)
        return found

    def utility(self, depth: int, when: dict[str, Any]) -> Node:
        nodes = self.children(depth, 1, 4)
        scores = tuple(self.score() for _ in nodes)
        return UtilitySelector(*nodes, scores=scores, memory=self.random.random() < 0.5, **when)


LEAVES = (
    *["Action"] * 6,
    *["Condition"] * 3,
    "Script",
    "ScriptCondition",
    "AlwaysSuccess",
    "AlwaysFailure",
    "Sleep",
    "SetBlackboard",
    "UnsetBlackboard",
)
ONE = (
    "Inverter",
    "ForceSuccess",
    "ForceFailure",
    "KeepRunningUntilFailure",
    "Convert",
    "Repeat",
    "Retry",
    "Timeout",
    "Delay",
    "Cooldown",
    "RunOnce",
    "Guard",
    "Service",
    "Loop",
    "Updated",
    "SubTree",
)
MANY = (
    "AsyncSequence",
    "AsyncSelector",
    "Sequence",
    "Selector",
    "TryCatch",
    "IfThenElse",
    "WhileDoElse",
    "Parallel",
    "ParallelAll",
    "Switch",
    "RandomSelector",
    "RandomSequence",
    "UtilitySelector",
)
INNER = (*ONE, *MANY, "Sequence", "Sequence", "Sequence", "Selector", "Selector", "Selector")


def log(bb: Any, entry: str) -> None:
    getattr(bb, "root", bb)["log"].append(entry)


def board() -> Blackboard:
    return Blackboard({"log": [], "world": 0, "x": 0, "queue": list(range(40))})


def drive(tree: BehaviorTree, seed: int, ticks: int = 12) -> list[Any]:
    """A random world around the tree; everything that can be seen of it after each tick."""
    world, now, seen = random.Random(seed), 0.0, []  # noqa: S311
    for _ in range(ticks):
        now += world.choice((0, 1, 1, 2))
        tree.blackboard["world"] = world.randint(0, 7)
        if world.random() < 0.1:
            tree.halt()
        given = tree.tick(now)
        machine = tree.machine
        seen.append((given, list(machine.status), [*machine.kept], tree.blackboard.snapshot()["values"]))
        assert given is machine.status[0]
        if tree.engine == "objects":
            assert_running_is_sound(tree)
    return seen


def assert_running_is_sound(tree: BehaviorTree) -> None:
    """What runs, runs below something that runs; what does not run remembers nothing."""
    for i, status in enumerate(tree.machine.status):
        if status is R:
            assert i == 0 or tree.machine.status[tree.plan.parents[i]] is R, tree.plan.paths[i]


def test_the_engines_do_the_same_over_random_trees() -> None:
    kinds: set[str] = set()
    for seed in range(TREES):
        root = Sequence(Grower(seed).node(3))
        objects = BehaviorTree(root, board(), engine="objects", seed=seed)
        kinds |= {node.kind for node in objects.plan.nodes}
        compiled = BehaviorTree(objects.plan, board(), engine="compiled", seed=seed)
        assert drive(objects, seed, 6) == drive(compiled, seed, 6), f"seed {seed}"
    assert kinds == set(RUNS)


@pytest.mark.parametrize("engines", [("objects", "compiled"), ("compiled", "objects")])
def test_a_snapshot_of_one_engine_goes_on_in_the_other(engines: tuple[Any, Any]) -> None:
    for seed in range(TREES // 20):
        first = BehaviorTree(Sequence(Grower(seed).node(3)), board(), engine=engines[0], seed=seed)
        drive(first, seed, 5)
        taken = first.snapshot()
        other = BehaviorTree(first.plan, board(), engine=engines[1])
        other.restore(taken)
        assert drive(first, seed + 1, 6) == drive(other, seed + 1, 6), f"seed {seed}"
        first.restore(taken)
        assert first.snapshot() == taken
