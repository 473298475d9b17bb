"""The world that the tests look at: animals, their controllers, a cloud of gnats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_environment import (
    Action,
    Box,
    Discrete,
    EntityController,
    Environment,
    EnvironmentEntity,
    Pawn,
    System,
    column,
    effector,
    sensor,
)


class Cage(EnvironmentEntity):
    opened: bool = False


class Bear(Pawn):
    hunger: float = 0.0
    speed: float = 1.0
    meals: int = 0
    _log: Any = None

    @sensor(Box(0, 1000))
    def appetite(self) -> float:
        return max(self.hunger, 0.0)

    @effector(Box(-1, 1))
    def move(self, push: float, dt: float) -> None:
        self.x += push * self.speed * dt

    @effector(Discrete(3))
    def eat(self, course: int, dt: float) -> bool | None:
        if self.hunger <= 0:
            return course != 2
        self.hunger -= 1
        self.meals += 1
        return None

    def on_update(self, dt: float) -> None:
        self.hunger += 0.25 * self.rng.random()
        self.angle += 0.1 * dt


class Grazing(EntityController):
    kind = "Grazing"
    turns: int = 0

    def decide(self, observation: Any) -> list[Action]:
        self.turns += 1
        wanted = [Action("move", self.rng.uniform(-1, 1))]
        if observation["appetite"] > 2:
            wanted.append(Action("eat", 0, duration=0.3))
        return wanted


class Gnats(System):
    kind = "Gnats"
    wind: float = 0.5
    x: NDArray[np.float64] = column()
    y: NDArray[np.float64] = column()
    age: NDArray[np.int64] = column("i8")

    def update(self, dt: float) -> None:
        self.x += self.wind * dt
        self.y += self.rng.random(self.rows) - 0.5
        self.age += 1


def zoo(seed: int = 7, *, bears: int = 3, deterministic: bool = False) -> Environment:
    """Some bears in a cage, and a hundred gnats."""
    env = Environment(dt=0.1, seed=seed, deterministic=deterministic)
    env.events.on("feed")(feed)
    env.events.on("birth")(birth)
    cage = env.spawn(Cage(name="cage"), at=(10.0, 0.0))
    for number in range(bears):
        bear = env.spawn(Bear(name=f"bear{number}", tags=("animal",)), parent=cage, at=(float(number), 0.0))
        Grazing(decision_period=1 + number).possess(bear)
    env.add_system(Gnats(rows=100))
    env.events.at(0.55, "feed", 2.0)
    env.events.at(1.0, "birth")
    return env


def feed(env: Environment, amount: float) -> None:
    for bear in env.of(Bear):
        bear.hunger -= amount
    env.events.after(0.5, "feed", amount)


def birth(env: Environment) -> None:
    cub = env.spawn(Bear(name="cub"), parent=env.find("cage"))
    Grazing().possess(cub)
    env.despawn(env.find("cage/bear0"))
