"""A tree as a pure function of arrays does what the batch engine does, in any namespace."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import array_api_strict
import jax
import numpy as np
import pytest
from jax import numpy as jnp

import framework
import fw_behavior
from fw_behavior import (
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Guard,
    RandomSelector,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    SubTree,
    action,
)
from fw_behavior.array_kinds import RULES
from fw_behavior.arrays import ArrayTree
from fw_behavior.batch import BatchTree
from fw_behavior.errors import AccessDenied, MissingKey, Unsupported
from fw_testing.components import TORCH

from .growth import Grower, R, S

TREES = int(os.environ.get("FW_BEHAVIOR_TREES", "10000"))
AGENTS = 3


def compare(seed: int, xp: Any, depth: int, ticks: int = 4, *, compiled: bool = False) -> set[str]:
    """One random tree in both engines, tick by tick; the kinds that are in it."""
    grower = Grower(seed, RULES, pure=True)
    plan = grower.plan(depth)
    values = grower.values(plan)
    batch = BatchTree(plan.root, AGENTS, {key: np.full(AGENTS, value, np.int32) for key, value in values.items()})
    tree = ArrayTree(plan, xp)
    tick = jax.jit(tree.tick) if compiled else tree.tick
    state, columns = tree.start(AGENTS), {key: xp.asarray(batch.columns[key]) for key in values}
    world, now = random.Random(seed), 0.0  # noqa: S311 - repeatable, not secret
    for _ in range(ticks):
        now += world.choice((0.0, 1.0, 1.0, 2.0))
        batch.columns["world"] = np.array([world.randint(0, 7) for _ in range(AGENTS)], np.int32)
        columns["world"] = xp.asarray(batch.columns["world"])
        halted = np.array([world.random() < 0.1 for _ in range(AGENTS)])
        batch.halt(halted)
        if halted.any():
            state, columns = tree.halt(state, columns, xp.asarray(halted))
        state, columns, given = tick(state, columns, now)
        assert np.asarray(given).tolist() == batch.tick(now).tolist(), f"seed {seed}"
        for path, status in zip(plan.paths, state.status, strict=True):
            assert np.asarray(status).tolist() == batch.status_of(path).tolist(), f"seed {seed}, {path}"
        for key in values:
            assert np.asarray(columns[key]).tolist() == batch.columns[key].tolist(), f"seed {seed}, {key}"
    return {node.kind for node in plan.nodes}


def test_a_tree_of_arrays_does_what_a_batch_does() -> None:
    kinds: set[str] = set()
    for seed in range(TREES // 16):
        kinds |= compare(seed, np, 3 if seed % 4 == 0 else 2)
    assert kinds == set(RULES)


def test_it_needs_no_more_than_the_array_api() -> None:
    for seed in range(TREES // 100):
        compare(seed, array_api_strict, 2)


@pytest.mark.parametrize("seed", [2, 3, 5, 8])
def test_jax_compiles_a_whole_tick(seed: int) -> None:
    compare(seed, jnp, 2, compiled=True)


@pytest.mark.needs("torch", "posix")
def test_torch_gives_what_numpy_gives() -> None:
    """In its own environment, with torch as it is: scripts with `?:` among the conditions."""
    sources = [str(Path(str(package.__file__)).parents[1]) for package in (framework, fw_behavior)]
    done = subprocess.run(
        [str(TORCH.python), str(Path(__file__).with_name("on_torch.py")), "12"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sources)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_a_pure_action_writes_for_those_whose_turn_it_is() -> None:
    @action(pure=True)
    def eat(bb: Any, xp: Any) -> Any:
        left = bb["hunger"] - 2
        return xp.where(left > 0, int(R), int(S)), {"hunger": left}

    @action(pure=True, ports={"step": int})
    def walk(bb: Any, xp: Any) -> Any:
        return None, {"place": bb["place"] + bb["step"]}

    root = Selector(
        Sequence(ScriptCondition("hunger > 3 ? hunger < 100 : 0"), eat, name="dinner"),
        SubTree(walk, ports={"place": "{x}", "step": 5}),
    )
    tree = ArrayTree(root, np)
    first = tree.start(3)
    state, columns, given = tree.tick(first, {"hunger": np.array([0, 5, 9]), "x": np.zeros(3, int)})
    assert given.tolist() == [S, R, R]
    assert columns["hunger"].tolist() == [0, 3, 7]
    assert columns["x"].tolist() == [5, 0, 0]
    assert first.status[0].tolist() == [4, 4, 4], "the old state is as it was"
    state, columns = tree.halt(state, columns, np.array([False, True, False]))
    assert tree.tick(state, columns)[2].tolist() == [S, S, R]


@pytest.mark.parametrize("engine", ["objects", "compiled"])
def test_a_pure_action_is_an_action_for_one_agent(engine: Any) -> None:
    @action(pure=True, halted=lambda bb, xp: {"halts": bb["halts"] + 1})
    def eat(bb: Any, xp: Any) -> Any:
        return xp.where(bb["hunger"] > 1, int(R), int(S)), {"hunger": bb["hunger"] - 1}

    tree = BehaviorTree(eat, Blackboard({"hunger": 3, "halts": 0}), engine=engine)
    assert tree.tick() is R
    tree.halt()
    assert [tree.tick(), tree.tick()] == [R, S]
    assert tree.blackboard.snapshot()["values"] == {"hunger": 0, "halts": 1}


def test_what_arrays_cannot_do_is_refused_by_name() -> None:
    def look(bb: Any) -> None:
        """Never run."""

    for root, problem in (
        (Sequence(RandomSelector(AlwaysSuccess())), r"Sequence/RandomSelector: the array engine has no RandomSelector"),
        (Sequence(look), "has no look as action"),
        (AlwaysSuccess(on_success=look), "reaction of a AlwaysSuccess that is a function"),
        (Guard(AlwaysSuccess(), "x := 1"), "condition that writes"),
        (ScriptNode(look), "Script that is a function"),
    ):
        with pytest.raises(Unsupported, match=problem):
            ArrayTree(root, np)
    tree = ArrayTree(ScriptCondition("hungr > 1"), np)
    with pytest.raises(MissingKey, match="'hungr'"):
        tree.tick(tree.start(1), {"hunger": np.zeros(1)})
    tree = ArrayTree(SubTree(ScriptNode("speed := 1"), ports={"speed": 3}), np)
    with pytest.raises(AccessDenied, match="'speed'"):
        tree.tick(tree.start(1), {})
