"""Worlds that the tests learn: a walk with several sensors and effectors, and a chase of several agents."""

from __future__ import annotations

from typing import Any

import numpy as np

from fw_environment import Action, Box, Discrete, EntityController, Environment, Pawn, effector, sensor
from fw_gym import Task


class Walker(Pawn):
    """Walks to 5 and rings a bell."""

    rung: int = 0

    @sensor(Box(-100, 100))
    def place(self) -> float:
        return self.x

    @sensor(Discrete(3))
    def bells(self) -> int:
        return min(self.rung, 2)

    @effector(Box(-1, 1))
    def stride(self, speed: float, dt: float) -> None:
        self.x += speed * dt

    @effector(Discrete(2))
    def ring(self, strength: int, dt: float) -> bool:
        self.rung += strength
        return True


def walk(seed: int) -> Environment:
    """A walker somewhere between 0 and 1."""
    env = Environment(0.1, seed)
    walker = env.spawn(Walker(name="walker"))
    walker.x = walker.rng.random()
    return env


def picture(world: Environment) -> Any:
    return np.full((4, 5, 3), world.tick, np.uint8)


def rung(pawn: Any) -> float:
    return float(pawn.rung)


def arrived(pawn: Any) -> bool:
    return bool(pawn.x >= 5)


WALK = Task(walk, "walker", rung, arrived, limit=40, frames=2, picture=picture)


class Animal(Pawn):
    """Moves on a line; a fox that comes near a hare eats it."""

    caught: int = 0

    @sensor(Box(-1000, 1000, shape=2))
    def places(self) -> tuple[float, float]:
        other = [animal.x for animal in self.env.of(Animal) if animal is not self]
        return self.x, other[0] if other else self.x

    @effector(Discrete(3))
    def move(self, way: int, dt: float) -> None:
        self.x += (way - 1) * dt
        for prey in list(self.env.of(Animal)):
            if self.name == "fox_0" and prey.name == "hare_0" and abs(prey.x - self.x) < 0.5:
                self.caught += 1
                self.env.despawn(prey)


def chase(seed: int) -> Environment:
    """A fox, a hare, and a bird that nobody learns."""
    env = Environment(0.1, seed)
    fox, hare = env.spawn(Animal(name="fox_0")), env.spawn(Animal(name="hare_0"))
    fox.x, hare.x = fox.rng.uniform(0, 1), hare.rng.uniform(1, 3)
    Restless().possess(env.spawn(Animal(name="bird"), at=(50.0, 0.0)))
    return env


class Restless(EntityController):
    def decide(self, observation: Any) -> Action:
        return Action("move", self.rng.below(3))


def caught(pawn: Any) -> float:
    return float(pawn.caught)


def full(pawn: Any) -> bool:
    return bool(pawn.caught)


CHASE = Task(chase, ("fox_0", "hare_0"), caught, full, limit=60, picture=picture)
