"""The warehouse, made from its parameters alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fw_environment import Environment, TreeController
from warehouse.floor import GRID, HOMES, Floor, Orders
from warehouse.mind import mind
from warehouse.robot import Robot


def make_world(robots: int = 6, every: float = 4.0, seed: int = 0, dt: float = 0.1) -> Environment:
    """A warehouse with so many robots, and an order every so many seconds."""
    if not 0 <= robots <= len(HOMES):
        raise ValueError(f"{robots} robots were asked for; there are places for 0 to {len(HOMES)}.")
    env = Environment(dt=dt, seed=seed, deterministic=True)
    env.add_system(Floor(rows=int(GRID.width * GRID.height)))
    env.add_system(Orders(every=every))
    for number in range(robots):
        robot = env.spawn(Robot(number=number, name=f"robot-{number}"), at=HOMES[number])
        TreeController(mind).possess(robot)
    return env


MEASURES: Mapping[str, Callable[[Environment], Any]] = {
    "delivered": lambda env: env.system(Orders).delivered,
    "waiting": lambda env: len(env.system(Orders).waiting),
    "driven": lambda env: round(max((robot.driven for robot in env.of(Robot)), default=0.0), 1),
}
