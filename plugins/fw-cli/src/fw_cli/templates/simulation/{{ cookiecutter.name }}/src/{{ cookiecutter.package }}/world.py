"""The world, made from its parameters alone."""

from collections.abc import Mapping
from typing import Any

from fw_environment import Environment

from {{ cookiecutter.package }}.grass import Grass
from {{ cookiecutter.package }}.sheep import Grazing, Sheep


def make_world(sheep: int = 20, seed: int = 0, dt: float = 1 / 20) -> Environment:
    """A meadow with so many sheep, at places that follow from the seed."""
    env = Environment(dt=dt, seed=seed)
    grass = env.add_system(Grass(rows=Grass.defaults["side"] ** 2))
    chance = env.stream("begin")
    grass.height[:] = 0.5
    for _ in range(sheep):
        place = (chance.uniform(0, grass.side), chance.uniform(0, grass.side))
        Grazing().possess(env.spawn(Sheep(), at=place))
    return env


def count(env: Environment) -> int:
    """How many sheep there are."""
    return len(list(env.of(Sheep)))


def grown(env: Environment) -> float:
    """How high the grass is, on average."""
    return float(env.system(Grass).height.mean())


MEASURES: Mapping[str, Any] = {"sheep": count, "grass": grown}


def simulate(sheep: int, seconds: float, seed: int) -> dict[str, Any]:
    """One run of a sweep: what is left after so many seconds."""
    env = make_world(sheep, seed)
    env.run(seconds)
    return {"sheep_left": count(env), "grass": grown(env)}
