"""What behaviour trees cost beside their peers, in one run: CPU time of each, and the ratio to py_trees and bonsai_bt.

Peers are no dependencies of this project; run it in an environment that has them, and it compares with those it finds:

    uv run --isolated --no-project --with ./kernel --with ./plugins/fw-behavior --with numpy --with py_trees \
        --with bonsai-bt python tests/benchmarks/bench_behavior.py
"""

import gc
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from fw_behavior import FAILURE, RUNNING, SUCCESS, BehaviorTree, Blackboard, Node, Selector, Sequence, Status

ROUNDS = 7
SECONDS = 0.04
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
    last = "run" if shape in {"reactive", "running leaf"} else "succeed"
    parts = []
    for part in range(10):
        names = (
            ["fail"] * 8 + ["succeed"]
            if shape == "failing selectors"
            else ["succeed"] * 8 + [last if part == 9 else "succeed"]
        )
        kind = bonsai.Select if shape == "failing selectors" else bonsai.Sequence
        parts.append(kind([bonsai.Action(name) for name in names]))
    given = {
        "succeed": (bonsai.Status.Success, 0.0),
        "fail": (bonsai.Status.Failure, 0.0),
        "run": (bonsai.RUNNING, 0.0),
    }
    del parts, given
    raise ImportError("filled in below")


def timed(case: Case, times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begun) / times


def compared(cases: dict[str, Case]) -> dict[str, float]:
    """Median seconds of one call, rounds taken in turn so that all see the same machine."""
    counts = {name: max(1, int(SECONDS / max(timed(case, 3), 1e-7))) for name, case in cases.items()}
    found: dict[str, list[float]] = {name: [] for name in cases}
    gc.disable()
    for _ in range(ROUNDS):
        for name, case in cases.items():
            found[name].append(timed(case, counts[name]))
    gc.enable()
    return {name: statistics.median(times) for name, times in found.items()}


def show(title: str, found: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, seconds in found.items():
        ratios = "".join(
            f"  {found[peer] / seconds:8.1f} x {peer}" for peer in ("py_trees", "bonsai_bt") if peer in found
        )
        print(f"  {name:24} {seconds * 1e6:10.2f} us{ratios}")


def trees() -> None:
    for shape in SHAPES:
        cases: dict[str, Case] = {}
        for name, make in (("py_trees", py_trees_case), ("bonsai_bt", bonsai_case)):
            with suppress(ImportError):
                cases[name] = make(shape)
        cases["objects"] = BehaviorTree(own(shape), engine="objects").tick
        cases["compiled"] = BehaviorTree(own(shape), engine="compiled").tick
        show(f"101 nodes, {shape}", compared(cases))


if __name__ == "__main__":
    trees()
