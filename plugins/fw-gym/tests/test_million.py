"""A million agents as arrays; batches of behaviour trees that decide for lanes."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from jax import numpy as jnp

from fw_behavior import BehaviorTree, Blackboard, ScriptCondition, Selector, Sequence
from fw_behavior.batch import BatchTree, Columns
from fw_environment import Environment, Pawn
from fw_gym import Balance, Lanes, controller
from fw_gym.lanes import to_numpy

MANY = 1_000_000
LEAN = np.array([0.02, 0.05, 1.0, 0.5])
"""What of place, speed, angle and turning speed makes a pole fall to the right."""


@pytest.mark.parametrize("place", ["numpy", "jax compiled"])
def test_a_million_agents_see_decide_and_act(place: str) -> None:
    """The first of them do what a few do alone."""
    xp, compiled = (np, None) if place == "numpy" else (jnp, jax.jit)
    many, few = Lanes(Balance(), MANY, xp=xp, compile=compiled), Lanes(Balance(), 5)
    seen, wanted = many.reset(3), few.reset(3)
    for _ in range(3):
        seen = many.step(seen @ xp.asarray(LEAN, dtype=many.float) > 0).observation
        wanted = few.step(wanted @ LEAN > 0).observation
    assert seen.shape == (MANY, 4)
    np.testing.assert_allclose(to_numpy(seen[:5], np.float64), wanted, atol=1e-4)


def push(way: int) -> Any:
    def act(bb: Columns, agents: Any) -> None:
        bb["action"][agents] = way

    return act


def choose(way: int) -> Any:
    def act(bb: Blackboard) -> None:
        bb["action"] = way

    return act


def mind(right: Any, left: Any) -> Any:
    return Selector(Sequence(ScriptCondition("lean > 0"), right), left)


def test_a_batch_of_trees_decides_for_lanes_as_one_tree_does_for_a_world() -> None:
    lanes = Lanes(Balance(), 8)
    herd = BatchTree(mind(push(1), push(0)), 8, {"lean": np.zeros(8), "action": np.zeros(8, np.int64)})
    seen = lanes.reset(5)

    def single(number: int) -> Environment:
        world = Balance().world(5 + number)
        pawn: Any = world.find("agent")
        bb = Blackboard({"lean": 0.0, "action": 0})
        tree = BehaviorTree(mind(choose(1), choose(0)), bb)

        def decide(observation: Any) -> int:
            bb["lean"] = float(observation @ LEAN)
            tree.tick()
            return int(bb["action"])

        controller(decide, type(pawn)).possess(pawn)
        return world

    worlds = [single(number) for number in range(8)]
    for _ in range(100):
        herd.columns["lean"][:] = seen @ LEAN
        herd.tick()
        outcome = lanes.step(herd.columns["action"])
        seen = outcome.observation
        assert not outcome.terminated.any(), "the poles stand"
        for world in worlds:
            world.step()
    pawns: list[Any] = [next(iter(world.of(Pawn))) for world in worlds]
    np.testing.assert_allclose(seen, [pawn.values for pawn in pawns], atol=1e-9)
