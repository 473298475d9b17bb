"""A tree as a pure function of arrays does what the batch engine does, in any namespace."""

from __future__ import annotations

import os
import random
from typing import Any

import array_api_strict
import jax
import numpy as np
import pytest
from jax import numpy as jnp

from fw_behavior.array_kinds import RULES
from fw_behavior.arrays import ArrayTree
from fw_behavior.batch import BatchTree

from .growth import Grower

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
