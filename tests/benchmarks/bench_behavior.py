"""What behaviour trees cost beside their peers, in one run: CPU time of each, and the ratio to py_trees and bonsai_bt.

Peers are no dependencies of this project; run it in an environment that has them, and it compares with those it finds:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-behavior --with numpy \
        --with py_trees --with bonsai-bt --with jax python tests/benchmarks/bench_behavior.py

bonsai_bt is a program in Rust that calls one Python function for every leaf. It is given what is best for it: leaves
that are the functions themselves and give its own statuses, and nothing of ours around its tick.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

from fw_behavior import (
    FAILURE,
    RUNNING,
    SUCCESS,
    BehaviorTree,
    Blackboard,
    Node,
    Selector,
    Sequence,
    Status,
    action,
    condition,
)
from fw_behavior.waking import run

ROUNDS = 15
SECONDS = 0.02
"""CPU time of one turn, about."""

Case = Callable[[], Any]
SHAPES = ("all success", "failing selectors", "reactive", "running leaf")


def succeed(bb: Blackboard) -> Status:
    return SUCCESS


def fail(bb: Blackboard) -> Status:
    return FAILURE


def run_on(bb: Blackboard) -> Status:
    return RUNNING


def own(shape: str) -> Node:
    """101 nodes: a root, 10 composites, 9 leaves in each."""
    last = run_on if shape in {"reactive", "running leaf"} else succeed
    memory = shape != "reactive"
    parts: list[Node] = []
    for part in range(10):
        if shape == "failing selectors":
            parts.append(Selector(*[fail] * 8, succeed))
        else:
            parts.append(Sequence(*[succeed] * 8, last if part == 9 else succeed, memory=memory))
    return Sequence(*parts, memory=memory)


def py_trees_case(shape: str) -> Case:
    py_trees = import_module("py_trees")
    status = py_trees.common.Status

    class Give(py_trees.behaviour.Behaviour):  # type: ignore[misc, name-defined]  # known at run time only
        def __init__(self, given: Any) -> None:
            super().__init__("leaf")
            self.given = given

        def update(self) -> Any:
            return self.given

    memory = shape != "reactive"
    last = status.RUNNING if shape in {"reactive", "running leaf"} else status.SUCCESS
    root = py_trees.composites.Sequence("root", memory=memory)
    for part in range(10):
        if shape == "failing selectors":
            inner = py_trees.composites.Selector("part", memory=True)
            given = [status.FAILURE] * 8 + [status.SUCCESS]
        else:
            inner = py_trees.composites.Sequence("part", memory=memory)
            given = [status.SUCCESS] * 8 + [last if part == 9 else status.SUCCESS]
        inner.add_children([Give(each) for each in given])
        root.add_child(inner)
    found: Case = root.tick_once
    return found


def bonsai_case(shape: str) -> Case:
    bonsai = import_module("bonsai_bt")
    success, failure, running = bonsai.Status.Success, bonsai.Status.Failure, bonsai.Status.Running

    def good(board: Any) -> Any:
        return success

    def bad(board: Any) -> Any:
        return failure

    def busy(board: Any) -> Any:
        return running

    last = busy if shape in {"reactive", "running leaf"} else good
    memory = shape != "reactive"
    parts = []
    for part in range(10):
        leaves = [good] * 8 + [last if part == 9 else good]
        if shape == "failing selectors":
            leaves = [bad] * 8 + [good]
        kind = bonsai.Select if shape == "failing selectors" else bonsai.Sequence
        parts.append(kind([bonsai.Action(leaf) for leaf in leaves], memory=memory))
    root = bonsai.Sequence(parts, memory=memory)

    def act(args: Any, board: Any) -> Any:
        return args.action(board), args.dt

    tree = bonsai.BT(root, {})
    if shape in {"reactive", "running leaf"}:
        tick: Case = partial(tree.tick, 1.0, act)
        return tick

    def once() -> None:
        # A tree that is done gives nothing until it is reset.
        tree.tick(1.0, act)
        tree.reset_bt()

    return once


def timed(case: Case, times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begun) / times


def compared(cases: dict[str, Case]) -> dict[str, list[float]]:
    """Seconds of one call, by round, in which each has its turn: what disturbs the machine disturbs all of them."""
    counts = {name: max(1, int(SECONDS / max(timed(case, 3), 1e-7))) for name, case in cases.items()}
    found: dict[str, list[float]] = {name: [] for name in cases}
    gc.disable()
    for _ in range(ROUNDS):
        for name, case in cases.items():
            found[name].append(timed(case, counts[name]))
    gc.enable()
    return found


def show(title: str, found: dict[str, list[float]]) -> None:
    """The medians of the times, and of the ratios in each round."""
    print(f"\n{title}")
    for name, times in found.items():
        ratios = "".join(
            f"  {statistics.median(a / b for a, b in zip(found[peer], times, strict=True)):8.1f} x {peer}"
            for peer in ("py_trees", "bonsai_bt")
            if peer in found
        )
        print(f"  {name:24} {statistics.median(times) * 1e6:10.2f} us{ratios}")


def trees() -> None:
    for shape in SHAPES:
        cases: dict[str, Case] = {}
        for name, make in (("py_trees", py_trees_case), ("bonsai_bt", bonsai_case)):
            with suppress(ImportError):
                cases[name] = make(shape)
        cases["objects"] = BehaviorTree(own(shape), engine="objects").tick
        cases["compiled"] = BehaviorTree(own(shape), engine="compiled").tick
        show(f"101 nodes, {shape}", compared(cases))


def blackboards() -> None:
    bb = Blackboard({"n": 0})

    def read() -> None:
        for _ in range(1000):
            bb["n"]

    def write() -> None:
        for n in range(1000):
            bb["n"] = n

    reads: dict[str, Case] = {}
    writes: dict[str, Case] = {}
    with suppress(ImportError):
        py_trees = import_module("py_trees")
        client = py_trees.blackboard.Client(name="bench")
        client.register_key(key="n", access=py_trees.common.Access.WRITE)

        def read_client() -> None:
            for _ in range(1000):
                client.get("n")

        def write_client() -> None:
            for n in range(1000):
                client.set("n", n)

        write_client()
        reads["py_trees"], writes["py_trees"] = read_client, write_client
    show("blackboard, 1000 reads", compared({**reads, "fw-behavior": read}))
    show("blackboard, 1000 writes that change", compared({**writes, "fw-behavior": write}))


AGENTS = 10_000


def batches() -> None:
    """10,000 agents, 101 nodes; the peer ticks one tree, which is counted as one agent."""
    np = import_module("numpy")
    batch = import_module("fw_behavior.batch")
    random = np.random.default_rng(0)
    columns = {f"k{n}": random.integers(0, 10, AGENTS).astype(np.int32) for n in range(9)}

    def asked(n: int, limit: int) -> Any:
        return condition(id=f"k{n}>{limit}")(lambda bb: bb[f"k{n}"] > limit)

    def work(bb: Any, agents: Any) -> Any:
        bb["k0"][agents] += 1
        return np.where(bb["k0"][agents] % 3 == 0, np.uint8(RUNNING), np.uint8(SUCCESS))

    def pure() -> Node:
        return Sequence(*(Selector(*(asked(n, 7) for n in range(8)), asked(8, -1)) for _ in range(10)))

    def mixed() -> Node:
        # As "failing selectors", and two of nine leaves are actions.
        return Sequence(*(Selector(*(asked(n, 8) for n in range(7)), work, asked(8, -1)) for _ in range(10)))

    for name, root, shape in (
        ("pure conditions", pure(), "all success"),
        ("mixed leaves", mixed(), "failing selectors"),
    ):
        tree = batch.BatchTree(root, AGENTS, columns)
        cases: dict[str, Case] = {"batch": tree.tick}
        with suppress(ImportError):
            cases = {"py_trees": py_trees_case(shape), **cases}
        found = compared(cases)
        found["batch"] = [spent / AGENTS for spent in found["batch"]]
        show(f"{AGENTS:,} agents, 101 nodes, {name}; per agent and tick", found)
        print(f"  {1 / statistics.median(found['batch']) / 1e6:.1f} million agent-ticks a second")


def million() -> None:
    """A million agents, 101 nodes, two of nine leaves pure actions: batch, numpy, and JAX where it is installed."""
    np, agents = import_module("numpy"), 1_000_000
    batch, arrays = import_module("fw_behavior.batch"), import_module("fw_behavior.arrays")
    random = np.random.default_rng(0)
    start = {f"k{n}": random.integers(0, 10, agents).astype(np.int32) for n in range(9)}

    def asked(n: int, limit: int) -> Any:
        return condition(id=f"k{n}>{limit}")(lambda bb: bb[f"k{n}"] > limit)

    @action(pure=True)
    def work(bb: Any, xp: Any) -> Any:
        done = bb["k0"] + 1
        return xp.where(done % 3 == 0, xp.int8(RUNNING), xp.int8(SUCCESS)), {"k0": done}

    leaves = [asked(n, 8) for n in range(7)]
    mixed = Sequence(*(Selector(*leaves, work, asked(8, -1)) for _ in range(10)))
    pure = Sequence(*(Selector(*(asked(n, 7) for n in range(8)), asked(8, -1)) for _ in range(10)))
    for name, root in (("pure conditions", pure), ("mixed leaves", mixed)):
        print(f"\n{agents:,} agents, 101 nodes, {name}")
        tree = batch.BatchTree(root, agents, {key: column.copy() for key, column in start.items()})
        tell("batch", agents, tree.tick)
        made = arrays.ArrayTree(root, np)
        tell("arrays, numpy", agents, stepping(made.tick, made.start(agents), dict(start), lambda given: None))
        with suppress(ImportError):
            jax = import_module("jax")
            made = arrays.ArrayTree(root, jax.numpy)
            columns = {key: jax.numpy.asarray(column) for key, column in start.items()}
            # XLA on a CPU would fuse all nodes into a few loops that compute most of them again and again.
            options = {"xla_disable_hlo_passes": "fusion"} if jax.devices()[0].platform == "cpu" else None
            tick = jax.jit(made.tick, donate_argnums=(0, 1), compiler_options=options)
            step = stepping(tick, made.start(agents), columns, jax.block_until_ready)
            begun = time.perf_counter()
            step()
            print(f"  {'compiling for JAX':24} {time.perf_counter() - begun:10.2f} s")
            tell(f"arrays, JAX, {jax.devices()[0].device_kind}", agents, step)


def stepping(tick: Any, state: Any, columns: Any, wait: Callable[[Any], Any]) -> Case:
    """A tick that goes on from the last."""

    def step() -> None:
        nonlocal state, columns
        state, columns, given = tick(state, columns)
        wait(given)

    return step


def tell(name: str, agents: int, case: Case) -> None:
    """Median wall time: libraries use as many cores as they like."""
    case()
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        case()
        times.append(time.perf_counter() - begun)
    print(
        f"  {name:24} {statistics.median(times) * 1e3:10.1f} ms"
        f"  {agents / statistics.median(times) / 1e6:8.1f} million agent-ticks a second"
    )


def idle() -> None:
    """CPU time that 10,000 event-driven trees take while nothing changes."""
    count, seconds = 10_000, 3.0

    async def story() -> None:
        waits = Sequence(condition(reads=["door"])(lambda bb: bb["door"]), succeed)
        plan = BehaviorTree(waits).plan
        trees = [BehaviorTree(plan, Blackboard({"door": False})) for _ in range(count)]
        tasks = [asyncio.create_task(run(tree, forever=True)) for tree in trees]
        await asyncio.sleep(1.0)
        begun, wall = time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        used, passed = time.process_time() - begun, time.perf_counter() - wall
        print(f"\n{count:,} idle event-driven trees\n  {used / passed:.4%} of a core")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


if __name__ == "__main__":
    trees()
    blackboards()
    batches()
    million()
    idle()
