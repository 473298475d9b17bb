"""The world, made from its parameters alone; a step is a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fw_environment import Environment
from predator_prey.animals import Foxes, Hares
from predator_prey.land import SIDE, Land


def make_world(hares: int = 7000, foxes: int = 3000, regrowth: int = 30, seed: int = 0) -> Environment:
    """A land with so many animals, where grass needs so many days to grow again."""
    env = Environment(dt=1.0, seed=seed)
    land = env.add_system(Land(rows=SIDE * SIDE, regrowth=regrowth))
    land.bare = env.generator("begin").integers(0, 2 * regrowth, land.rows) - regrowth
    land.bare[land.bare < 0] = 0
    env.add_system(Hares()).settle(hares)
    env.add_system(Foxes()).settle(foxes)
    return env


def rows(name: str) -> Callable[[Environment], int]:
    """What counts the animals of a kind."""
    return lambda env: env.systems[name].rows


def grass(env: Environment) -> float:
    """The share of the land where grass grows."""
    land: Any = env.systems["Land"]
    return float((land.bare == 0).mean())


MEASURES: Mapping[str, Callable[[Environment], Any]] = {"hares": rows("Hares"), "foxes": rows("Foxes"), "grass": grass}


def simulate(days: int, regrowth: int, seed: int) -> dict[str, Any]:
    """One run: what is left after so many days, and the fewest and most hares on the way."""
    env = make_world(regrowth=regrowth, seed=seed)
    hares = []
    env.watchers.append(lambda world: hares.append(world.systems["Hares"].rows))
    env.run(days)
    counts = {name: measure(env) for name, measure in MEASURES.items()}
    return counts | {"fewest": min(hares), "most": max(hares), "hash": env.hash().hex()}
