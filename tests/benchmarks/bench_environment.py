"""What worlds cost beside Mesa, in one run: entity-steps a second, and the ratio to Mesa.

Mesa is no dependency of this project; run it in an environment that has it:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-environment --with mesa \
        python tests/benchmarks/bench_environment.py

Every world moves 10,000 things that bounce off the walls of a square. In the object world each is an entity with a
controller: one that moves its body, or one that turns it at the walls while the body moves itself (two calls).
"""

import copy
import gc
import statistics
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_environment import EntityController, Environment, Pawn, System, column

COUNT = 10_000
SIDE = 100.0
DT = 0.1
ROUNDS = 11

Case = Callable[[], Any]


class Ball(Pawn):
    """A body: it goes where its speed says."""

    vx: float = 0.0
    vy: float = 0.0

    def on_update(self, dt: float) -> None:
        """One step."""
        self.x += self.vx * dt
        self.y += self.vy * dt


class Bouncing(EntityController):
    """A will: turn at the walls."""

    kind = "Bouncing"

    def update(self, dt: float) -> None:
        """One decision."""
        ball: Any = self.pawn
        if not 0.0 <= ball.x <= SIDE:
            ball.vx = -ball.vx
        if not 0.0 <= ball.y <= SIDE:
            ball.vy = -ball.vy


class Stone(Pawn):
    """A body without a life of its own."""

    vx: float = 0.0
    vy: float = 0.0


class Pushing(EntityController):
    """A will that moves its body."""

    kind = "Pushing"

    def update(self, dt: float) -> None:
        """One step."""
        stone: Any = self.pawn
        if not 0.0 <= stone.x <= SIDE:
            stone.vx = -stone.vx
        if not 0.0 <= stone.y <= SIDE:
            stone.vy = -stone.vy
        stone.x += stone.vx * dt
        stone.y += stone.vy * dt


class Balls(System):
    """The same as columns."""

    x: NDArray[np.float64] = column()
    y: NDArray[np.float64] = column()
    vx: NDArray[np.float64] = column()
    vy: NDArray[np.float64] = column()
    mass: NDArray[np.float64] = column()

    def update(self, dt: float) -> None:
        """One step."""
        bounce(self.x, self.vx)
        bounce(self.y, self.vy)
        self.x += self.vx * dt
        self.y += self.vy * dt


def bounce(place: NDArray[np.float64], speed: NDArray[np.float64]) -> None:
    """Turn what is outside."""
    np.negative(speed, out=speed, where=(place < 0.0) | (place > SIDE))


def places() -> Any:
    """Where the things are at first, and how fast."""
    rng = np.random.default_rng(1)
    return rng.random((COUNT, 2)) * SIDE, rng.random((COUNT, 2)) * 10 - 5


def of_objects(body: type[Pawn] = Stone, mind: type[EntityController] = Pushing) -> Environment:
    """10,000 entities, each with a controller."""
    env = Environment(DT)
    for (x, y), (vx, vy) in zip(*places(), strict=True):
        pawn: Any = body(x=float(x), y=float(y))
        pawn.vx, pawn.vy = float(vx), float(vy)
        mind().possess(env.spawn(pawn))
    return env


def of_arrays() -> Environment:
    """10,000 rows."""
    env = Environment(DT)
    balls = env.add_system(Balls(rows=COUNT))
    place, speed = places()
    balls.x, balls.y, balls.vx, balls.vy = place[:, 0], place[:, 1], speed[:, 0], speed[:, 1]
    return env


def of_mesa() -> Any:
    """10,000 agents of Mesa, each of which does the same in its `step`."""
    mesa = import_module("mesa")

    class Agent(mesa.Agent):  # type: ignore[name-defined,misc]  # Mesa may not be installed
        def __init__(self, model: Any, x: float, y: float, vx: float, vy: float) -> None:
            super().__init__(model)
            self.x, self.y, self.vx, self.vy = x, y, vx, vy

        def step(self) -> None:
            if not 0.0 <= self.x <= SIDE:
                self.vx = -self.vx
            if not 0.0 <= self.y <= SIDE:
                self.vy = -self.vy
            self.x += self.vx * DT
            self.y += self.vy * DT

    class Model(mesa.Model):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__(rng=1)
            for (x, y), (vx, vy) in zip(*places(), strict=True):
                Agent(self, float(x), float(y), float(vx), float(vy))

        def step(self) -> None:
            self.agents.do("step")

    return Model()


def seconds(case: Case, times: int) -> float:
    """CPU time of one call."""
    begin = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begin) / times


def compared(cases: dict[str, tuple[Case, int]]) -> dict[str, list[float]]:
    """The times of all cases, in rounds, so that what disturbs the machine disturbs all of them."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (case, count) in cases.items():
            gc.collect()
            times[name].append(seconds(case, count))
    return times


def test_worlds() -> None:
    """Prints times and ratios; fails at nothing."""
    objects, arrays = of_objects(), of_arrays()
    cases: dict[str, tuple[Case, int]] = {
        "objects": (objects.step, 10),
        "objects whose body moves itself": (of_objects(Ball, Bouncing).step, 10),
        "arrays": (arrays.step, 300),
    }
    try:
        model = of_mesa()
    except ImportError:
        print("Mesa is not installed: times without ratios")
    else:
        cases["mesa " + version("mesa")] = (model.step, 10)
        first = next(iter(objects.entities.values()))
        agent = next(iter(model.agents))
        assert abs(first.x - places()[0][0][0]) < 1e-12
        assert agent.x == first.x
    times = compared(cases)
    peer = next((name for name in times if name.startswith("mesa")), None)
    for name, spent in times.items():
        rate = COUNT / statistics.median(spent) / 1e6
        ratio = statistics.median([p / t for p, t in zip(times[peer], spent, strict=True)]) if peer else float("nan")
        print(f"{name:32} {rate:8.2f} million entity-steps a second   {ratio:7.2f} x Mesa")


def test_states() -> None:
    """Snapshot and restore, of the world of arrays and of that of objects."""
    arrays, objects = of_arrays(), of_objects()
    arrays.step(2)
    objects.step(2)
    plain = list(objects.entities.values())
    times = compared(
        {
            "arrays": (lambda: arrays.restore(arrays.snapshot()), 300),
            "arrays, hash": (arrays.hash, 30),
            "objects": (lambda: objects.restore(objects.snapshot()), 2),
            "objects, hash": (objects.hash, 2),
            "deepcopy": (lambda: copy.deepcopy([[e.x, e.y] for e in plain]), 1),
        }
    )
    for name, spent in times.items():
        print(f"{name:14} {statistics.median(spent) * 1000:9.3f} ms")


if __name__ == "__main__":
    test_worlds()
    test_states()
