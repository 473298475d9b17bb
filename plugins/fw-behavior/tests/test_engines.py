"""The objects engine and the compiled engine do the same, over random trees of all kinds of nodes."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from fw_behavior import BehaviorTree, Blackboard, Sequence, Status, action
from fw_behavior.engine import RUNS
from fw_behavior.errors import NodeFailed
from fw_behavior.plan import Plan
from fw_behavior.testing import Scripted

from .growth import F, Grower, R, S

TREES = int(os.environ.get("FW_BEHAVIOR_TREES", "10000"))


def grown(seed: int) -> tuple[Plan, dict[str, Any]]:
    grower = Grower(seed, RUNS, odd=True)
    plan = grower.plan()
    return plan, grower.values(plan)


def board(values: dict[str, Any]) -> Blackboard:
    return Blackboard({**values, "queue": list(range(40))})


def ticked(tree: BehaviorTree, now: float) -> Any:
    """What the tree gives, or the path of the node that raised."""
    try:
        return tree.tick(now)
    except NodeFailed as error:
        return error.path


def drive(tree: BehaviorTree, seed: int, ticks: int = 12) -> list[Any]:
    """A random world around the tree; everything that can be seen of it after each tick."""
    world, now, seen = random.Random(seed), 0.0, []  # noqa: S311 - repeatable, not secret
    for _ in range(ticks):
        now += world.choice((0, 1, 1, 2))
        tree.blackboard["world"] = world.randint(0, 7)
        if world.random() < 0.1:
            tree.halt()
        given = ticked(tree, now)
        machine = tree.machine
        seen.append((given, list(machine.status), [*machine.kept], tree.blackboard.snapshot()["values"]))
        assert given is machine.status[0] or given in tree.plan.ids
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
    failed = 0
    for seed in range(TREES):
        plan, values = grown(seed)
        objects = BehaviorTree(plan, board(values), engine="objects", seed=seed)
        kinds |= {node.kind for node in plan.nodes}
        compiled = BehaviorTree(plan, board(values), engine="compiled", seed=seed)
        seen = drive(objects, seed, 6)
        assert seen == drive(compiled, seed, 6), f"seed {seed}"
        failed += any(isinstance(given, str) for given, *_ in seen)
    assert kinds == set(RUNS)
    assert failed > TREES / 200


@pytest.mark.parametrize("engines", [("objects", "compiled"), ("compiled", "objects")])
def test_a_snapshot_of_one_engine_goes_on_in_the_other(engines: tuple[Any, Any]) -> None:
    for seed in range(TREES // 20):
        plan, values = grown(seed)
        first = BehaviorTree(plan, board(values), engine=engines[0], seed=seed)
        drive(first, seed, 5)
        taken = first.snapshot()
        other = BehaviorTree(plan, board(values), engine=engines[1])
        other.restore(taken)
        assert drive(first, seed + 1, 6) == drive(other, seed + 1, 6), f"seed {seed}"
        first.restore(taken)
        assert first.snapshot() == taken


@pytest.mark.parametrize("memory", [True, False])
def test_what_leaves_gave_before_one_raised_is_known(memory: bool, behavior_engine: Any) -> None:
    first, third = Scripted(S, name="a"), Scripted(S, F, S, name="c")
    given = iter((R, S, S))
    halts: list[Any] = []
    second = action(id="b", halted=halts.append)(lambda bb: next(given))

    def fourth(bb: Any) -> None:
        raise ValueError(bb["x"])

    tree = BehaviorTree(Sequence(first, second, third, fourth, memory=memory), engine=behavior_engine)
    assert tree.tick() is R
    with pytest.raises(NodeFailed, match="Sequence/fourth"):
        tree.tick()
    assert [tree.status_of(f"Sequence/{name}") for name in "abc"] == [S, S, S]
    assert halts == []
    assert tree.tick() is F
    assert [tree.status_of(f"Sequence/{name}") for name in "abc"] == [S, S, F]


def test_a_restored_tree_notes_what_its_leaves_give(behavior_engine: Any) -> None:
    names = ("a", "b")
    tree = BehaviorTree(Sequence(*(Scripted(S, name=name) for name in names)), engine=behavior_engine)
    taken = tree.snapshot()
    tree.tick()
    tree.restore(taken)
    assert {tree.status_of(f"Sequence/{name}") for name in names} == {Status.IDLE}
    tree.tick()
    assert {tree.status_of(f"Sequence/{name}") for name in names} == {S}
