"""Run by the Python that has torch: random trees on torch and on numpy; prints the seeds that differ, as JSON."""

import json
import random
import sys
from importlib import import_module
from typing import Any

import numpy as np

from fw_behavior.array_kinds import RULES
from fw_behavior.arrays import ArrayTree

AGENTS = 3
torch: Any = import_module("torch")
growth: Any = import_module("growth")


def run(seed: int, xp: Any) -> list[Any]:
    """What everything is after each tick."""
    grower = growth.Grower(seed, RULES, pure=True)
    plan = grower.plan(2)
    tree = ArrayTree(plan, xp)
    state = tree.start(AGENTS)
    columns = {key: xp.asarray(np.full(AGENTS, value, np.int32)) for key, value in grower.values(plan).items()}
    world, now, told = random.Random(seed), 0.0, list[Any]()  # noqa: S311 - repeatable, not secret
    for _ in range(4):
        now += world.choice((0.0, 1.0, 1.0, 2.0))
        columns["world"] = xp.asarray(np.array([world.randint(0, 7) for _ in range(AGENTS)], np.int32))
        state, columns, given = tree.tick(state, columns, now)
        state, columns = tree.halt(state, columns, xp.asarray(np.array([world.random() < 0.1] * AGENTS)))
        told.append([given.tolist(), [each.tolist() for each in state.status], [c.tolist() for c in columns.values()]])
    return told


seeds = range(int(sys.argv[1]))
print(json.dumps([seed for seed in seeds if run(seed, torch) != run(seed, np)]))
