"""The world, made from its parameters alone; a step is a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fw_environment import Environment
from predator_prey.animals import Foxes, Hares
from predator_prey.land import SIDE, Land


def make_world(hares: int = 7000, foxes: int = 3000, regrowth: int = 30, seed: int = 0) -> Environment:
    """A land with so many animals, where grass needs so many days to grow again."""
    env = Environment(dt=1.0, seed=seed)
    land = env.add_system(Land(rows=SIDE * SIDE, regrowth=regrowth))
    land.bare[:] = np.maximum(env.generator("begin").integers(-regrowth, regrowth, land.rows), 0)
    env.add_system(Hares()).settle(hares)
    env.add_system(Foxes()).settle(foxes)
    return env


def grass(env: Environment) -> float:
    """The share of the land where grass grows."""
    return float((env.system(Land).bare == 0).mean())


MEASURES: Mapping[str, Callable[[Environment], Any]] = {
    "hares": lambda env: env.system(Hares).rows,
    "foxes": lambda env: env.system(Foxes).rows,
    "grass": grass,
}


def simulate(days: int, regrowth: int, seed: int) -> dict[str, Any]:
    """One run: what is left after so many days, and the fewest and most hares on the way."""
    env = make_world(regrowth=regrowth, seed=seed)
    hares = []
    env.watchers.append(lambda world: hares.append(world.system(Hares).rows))
    env.run(days)
    counts = {name: measure(env) for name, measure in MEASURES.items()}
    return counts | {"fewest": min(hares), "most": max(hares), "hash": env.hash().hex()}
