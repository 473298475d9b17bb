"""What worlds cost as environments of Gymnasium: beside the world's own step, and beside SyncVectorEnv.

    uv run --all-packages python tests/benchmarks/bench_gym.py
    uv run --all-packages python tests/benchmarks/bench_gym.py --million --device cpu --agents 1000000

A single environment is compared with its world that steps alone under a controller that decides the same. Copies: the
lanes of 64 poles, and SyncVectorEnv of 64 single environments of the same pole.

A million agents, each with a pole, see, decide, act and begin anew as arrays: on numpy, and on JAX and torch where they
are installed. ``--device`` is theirs: ``cpu``, or ``cuda`` for both. With ``--million`` only this is measured, in any
environment that has fw-gym.
"""

import gc
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from fw_environment import Action, EntityController, Environment
from fw_gym import Balance, Lanes, LanesEnv, as_gym, as_vector_env
from fw_gym.lanes import to_numpy

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


def places(device: str) -> Iterator[tuple[str, Any, Any, Any]]:
    """What is installed: a name, a namespace, what compiles, and the device in the library's own terms."""
    yield "numpy on cpu", np, None, None
    if find_spec("jax") is not None:
        jax: Any = import_module("jax")
        found = jax.devices(device)[0]
        yield f"jax, jit, on {found.device_kind}", jax.numpy, jax.jit, found
    if find_spec("torch") is not None:
        torch: Any = import_module("torch")
        where = torch.cuda.get_device_name() if device == "cuda" else device
        yield f"torch on {where}", torch, None, device
        yield f"torch, compiled, on {where}", torch, torch.compile, device


def upright(seen: Any) -> Any:
    """The decision of `Steady`, for all agents at once."""
    return seen[:, 2] + 0.5 * seen[:, 3] + 0.02 * seen[:, 0] + 0.05 * seen[:, 1] > 0


def test_a_million() -> None:
    """Prints a million on the CPU."""
    million("cpu", MANY)


def million(device: str, agents: int) -> None:
    """Prints agent-steps a second; wall-clock time, since accelerators have their own."""
    first = 0.0
    for name, xp, compiled, where in places(device):
        lanes = Lanes(Balance(), agents, xp=xp, compile=compiled, device=where)
        decide = upright if compiled is None else compiled(upright)
        seen = lanes.reset(1)

        def steps(count: int, seen: Any, lanes: Lanes = lanes, decide: Any = decide) -> Any:
            for _ in range(count):
                seen = lanes.step(decide(seen)).observation
            to_numpy(seen[0], np.float64)  # until it is worked out
            return seen

        seen = steps(2, seen)
        spent = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            seen = steps(4, seen)
            spent.append((time.perf_counter() - begin) / 4)
        speed = agents / statistics.median(spent) / 1e6
        first = first or speed
        print(f"{name:36} {agents:,} agents {speed:10.1f} million agent-steps a second, {speed / first:8.1f} x numpy")


def test_a_million_trees() -> None:
    """Prints a million agents whose decisions a batch of behaviour trees makes, on numpy."""
    from fw_behavior import ScriptCondition, Selector, Sequence
    from fw_behavior.batch import BatchTree, Columns

    def push_right(bb: Columns, agents: Any) -> None:
        bb["action"][agents] = 1

    def push_left(bb: Columns, agents: Any) -> None:
        bb["action"][agents] = 0

    lanes = Lanes(Balance(), MANY)
    columns = {"lean": np.zeros(MANY), "action": np.zeros(MANY, np.int64)}
    minds = BatchTree(Selector(Sequence(ScriptCondition("lean > 0"), push_right), push_left), MANY, columns)
    seen = lanes.reset(1)
    spent = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        minds.columns["lean"][:] = seen @ np.array([0.02, 0.05, 1.0, 0.5])
        minds.tick()
        seen = lanes.step(minds.columns["action"]).observation
        spent.append(time.perf_counter() - begin)
    print(f"a million trees and their lanes: {MANY / statistics.median(spent) / 1e6:.1f} million agent-steps a second")


def test_lanes_are_what_they_are_compared_with() -> None:
    """The same observations, or the ratio means nothing."""
    lanes, env = LanesEnv(Balance(), 2), as_gym(Balance())
    seen, _ = lanes.reset(seed=4)
    assert np.array_equal(seen[1], env.reset(seed=5)[0])
    for _ in range(5):
        assert np.allclose(lanes.step(np.array([1, 1]))[0][1], env.step(1)[0])


if __name__ == "__main__":
    options = ArgumentParser(description=__doc__)
    options.add_argument("--million", action="store_true", help="only the million agents")
    options.add_argument("--device", default="cpu", help="of JAX and torch (default: cpu)")
    options.add_argument("--agents", type=int, default=MANY, help="how many (default: a million)")
    asked = options.parse_args()
    if not asked.million:
        test_lanes_are_what_they_are_compared_with()
        test_single()
        test_copies()
        test_a_million_trees()
    million(asked.device, asked.agents)
