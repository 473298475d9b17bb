"""What worlds cost as environments of Gymnasium: beside the world's own step, and beside SyncVectorEnv.

    uv run --all-packages python tests/benchmarks/bench_gym.py

A single environment is compared with its world that steps alone under a controller that decides the same. Copies: the
lanes of 64 poles, and SyncVectorEnv of 64 single environments of the same pole. Lanes at rest of that are measured for
a million poles, on numpy and, where JAX is installed, on the device that JAX has chosen.
"""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from fw_environment import Action, EntityController, Environment
from fw_gym import Balance, Lanes, LanesEnv, as_gym, as_vector_env

ROUNDS = 15
COPIES = 64
MANY = 1_000_000


class Steady(EntityController):
    """Keeps the pole upright."""

    def decide(self, observation: Any) -> Action:
        """Push against the fall."""
        x, speed, angle, turning = observation["senses"]
        return Action("control", int(angle + 0.5 * turning + 0.02 * x + 0.05 * speed > 0))


def alone() -> Environment:
    """The world, controlled from inside."""
    world = Balance().world(1)
    pawn: Any = world.find("agent")
    Steady().possess(pawn)
    return world


def single() -> Callable[[], None]:
    """The environment, with the same decisions."""
    env = as_gym(Balance())
    seen, _ = env.reset(seed=1)
    last = seen.tolist()

    def step() -> None:
        nonlocal last
        x, speed, angle, turning = last
        seen, _, terminated, _, _ = env.step(int(angle + 0.5 * turning + 0.02 * x + 0.05 * speed > 0))
        last = seen.tolist()
        assert not terminated

    return step


def seconds(case: Callable[[], Any], times: int) -> float:
    """CPU time of one call."""
    begin = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begin) / times


def compared(cases: dict[str, tuple[Callable[[], Any], int]]) -> dict[str, list[float]]:
    """The times of all cases, in rounds, so that what disturbs the machine disturbs all of them."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (case, count) in cases.items():
            gc.collect()
            times[name].append(seconds(case, count))
    return times


def ratio(one: list[float], other: list[float]) -> float:
    """How often ``other`` fits into ``one``: the median of the rounds."""
    return statistics.median([a / b for a, b in zip(one, other, strict=True)])


def test_single() -> None:
    """Prints what `as_gym` adds to a step of the world."""
    world = alone()
    times = compared({"world": (world.step, 2000), "env": (single(), 2000)})
    for name, spent in times.items():
        print(f"{name:8} {statistics.median(spent) * 1e6:8.2f} µs a step")
    print(f"the environment takes {ratio(times['env'], times['world']):.2f} x the world's own step")


def test_copies() -> None:
    """Prints 64 lanes beside 64 worlds in SyncVectorEnv, in both modes that begin anew."""
    for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
        lanes = as_vector_env(Balance(), COPIES, autoreset_mode=mode)
        worlds = SyncVectorEnv([lambda: as_gym(Balance())] * COPIES, autoreset_mode=mode)
        actions = np.random.default_rng(0).integers(0, 2, (100, COPIES))
        for env in (lanes, worlds):
            env.reset(seed=1)
        times = compared({"lanes": (stepping(lanes, actions), 200), "sync": (stepping(worlds, actions), 20)})
        for name, spent in times.items():
            print(f"{mode.name:10} {name:6} {COPIES / statistics.median(spent):12,.0f} steps a second")
        print(f"{mode.name:10} lanes are {ratio(times['sync'], times['lanes']):.1f} x SyncVectorEnv")


def stepping(env: Any, actions: Any) -> Callable[[], None]:
    """Steps with one row of actions after another."""
    at = 0

    def step() -> None:
        nonlocal at
        env.step(actions[at % len(actions)])
        at += 1

    return step


def test_a_million() -> None:
    """Prints steps a second of a million lanes; wall-clock time, since accelerators have their own."""
    places: list[tuple[str, Any, Any]] = [("numpy", np, None)]
    try:
        import jax

        places.append((f"jax on {jax.devices()[0]}", jax.numpy, jax.jit))
    except ImportError:
        print("JAX is not installed: numpy alone")
    for name, xp, compiled in places:
        lanes = Lanes(Balance(), MANY, xp=xp, compile=compiled)
        lanes.reset(1)
        actions = xp.asarray(np.arange(MANY) % 2)
        np.asarray(lanes.step(actions).reward)
        spent = []
        for _ in range(5):
            begin = time.perf_counter()
            for _ in range(3):
                lanes.step(actions)
            np.asarray(lanes.step(actions).reward)
            spent.append((time.perf_counter() - begin) / 4)
        print(f"{name:24} {MANY / statistics.median(spent) / 1e6:8.1f} million lane-steps a second")


def test_lanes_are_what_they_are_compared_with() -> None:
    """The same observations, or the ratio means nothing."""
    lanes, env = LanesEnv(Balance(), 2), as_gym(Balance())
    seen, _ = lanes.reset(seed=4)
    assert np.array_equal(seen[1], env.reset(seed=5)[0])
    for _ in range(5):
        assert np.allclose(lanes.step(np.array([1, 1]))[0][1], env.step(1)[0])


if __name__ == "__main__":
    test_lanes_are_what_they_are_compared_with()
    test_single()
    test_copies()
    test_a_million()
