"""`Snapshot`: where a tree stands, as data."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fw_behavior.errors import BadTree, Unsupported
from fw_behavior.leaves import UserLeaf
from fw_behavior.machine import Machine
from fw_behavior.status import Status


@dataclass(frozen=True)
class Snapshot:
    """Plain data, independent of the engine: what `Machine` holds, and the blackboard. It can be pickled."""

    paths: tuple[str, ...]
    kinds: tuple[str, ...]
    status: tuple[int, ...]
    memory: tuple[Any, ...]
    kept: tuple[Any, ...]
    stateful: dict[int, dict[str, Any]]
    resumed: tuple[int, ...]
    seed: int
    now: float
    blackboard: dict[str, Any]


def take(machine: Machine) -> Snapshot:
    """Where ``machine`` stands; `Unsupported` names a running async action that cannot be resumed."""
    plan = machine.plan
    busy = tuple(i for i, leaf in machine.tasks.items() if leaf.busy)
    for i in busy:
        node = plan.nodes[i]
        if isinstance(node, UserLeaf) and node.mark.resume == "refuse":
            raise Unsupported(
                plan.paths[i], "way to resume this async action", "a snapshot", 'Mark it with action(resume="restart").'
            )
    return Snapshot(
        tuple(plan.paths),
        tuple(node.kind for node in plan.nodes),
        tuple(int(status) for status in machine.status),
        tuple(deepcopy(machine.memory)),
        tuple(deepcopy(machine.kept)),
        {i: deepcopy(vars(made)) for i, made in machine.stateful.items()},
        busy,
        machine.seed,
        machine.board.now,
        machine.board.snapshot(),
    )


def check(machine: Machine, snapshot: Snapshot) -> None:
    """`BadTree` where the snapshot is of another tree."""
    plan = machine.plan
    if snapshot.paths != tuple(plan.paths) or snapshot.kinds != tuple(node.kind for node in plan.nodes):
        strange = sorted({*snapshot.paths} ^ {*plan.paths})
        raise BadTree(
            plan.paths[0],
            f"The snapshot is of another tree; they differ in {strange[:5] or 'kinds of nodes'}.",
            "Restore it into the tree it was taken from.",
        )


def restore(machine: Machine, snapshot: Snapshot) -> None:
    """Put ``machine``, of which nothing is running, where the snapshot was taken."""
    plan = machine.plan
    machine.board.restore(snapshot.blackboard)
    machine.board.moment = snapshot.now
    machine.seed = snapshot.seed
    machine.lead[:] = [0] * len(machine.lead)
    machine.status[:] = [Status(status) for status in snapshot.status]
    machine.memory[:] = deepcopy(list(snapshot.memory))
    machine.kept[:] = deepcopy(list(snapshot.kept))
    for i, state in snapshot.stateful.items():
        vars(machine.stateful[i]).clear()
        vars(machine.stateful[i]).update(deepcopy(state))
    for leaf in machine.tasks.values():
        leaf.resumed = None
    for i in snapshot.resumed:
        node = plan.nodes[i]
        resume = node.mark.resume if isinstance(node, UserLeaf) else "restart"
        machine.tasks[i].resumed = resume if callable(resume) else None
