"""Contacts of a space of pymunk as plain data, out and in again.

The solver begins each step with the impulses of the last one. They belong to the state: without them a stack of boxes
falls over. pymunk keeps them when a space is pickled; the same parts are used here, since a pickle is no plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fw_environment.extras import required

Name = tuple[int, int]
"""The id of a body, and the number of one of its shapes."""
Contact = tuple[int, int, int, int, tuple[tuple[int, float, float], ...]]
"""The names of two shapes; of each point where they touch its hash, and the impulses along and across."""


def read(space: Any, names: Mapping[Any, Name]) -> tuple[Contact, ...]:
    """The contacts of the last step, in the order of their names."""
    found = []
    for arbiter in space._get_arbiters():  # noqa: SLF001 - the one place that knows how pymunk keeps contacts
        points = arbiter.contacts
        kept = [(points[at].hash, points[at].jnAcc, points[at].jtAcc) for at in range(arbiter.count)]
        found.append((*names[arbiter.a], *names[arbiter.b], tuple(kept)))
    return tuple(sorted(found))


def pairs(space: Any, names: Mapping[Any, Name]) -> set[tuple[int, int]]:
    """Who touches whom, by the ids of bodies, the lower one first."""
    touching = [(names[arbiter.a][0], names[arbiter.b][0]) for arbiter in space._get_arbiters()]  # noqa: SLF001
    return {(min(pair), max(pair)) for pair in touching}


def write(space: Any, contacts: Iterable[Contact], shapes: Mapping[Name, Any], step: float) -> list[Any]:
    """Let a new space begin with these contacts, as after a step of ``step`` seconds. Those of shapes that are gone are
    left out. The memory that comes back must live as long as the space has shapes.
    """
    cffi = required("pymunk._chipmunk_cffi", "physics")
    held = []
    for one, number, other, another, points in contacts:
        first, second = shapes.get((one, number)), shapes.get((other, another))
        if first is None or second is None:
            continue
        arbiter = cffi.ffi.new("cpArbiter *")
        cffi.lib.cpArbiterInit(arbiter, first._shape, second._shape)  # noqa: SLF001
        arbiter.contacts = cffi.lib.cpContactArrAlloc(max(len(points), 1))  # the space takes it over
        arbiter.count = len(points)
        for at, (hashed, along, across) in enumerate(points):
            point = arbiter.contacts[at]
            point.hash, point.jnAcc, point.jtAcc = hashed, along, across
        cffi.lib.cpSpaceAddCachedArbiter(space._space, arbiter)  # noqa: SLF001
        held.append(arbiter)
    cffi.lib.cpSpaceSetCurrentTimeStep(space._space, step)  # noqa: SLF001
    return held


def count(space: Any, number: int) -> None:
    """Give the next shape that is added to the space this number."""
    required("pymunk._chipmunk_cffi", "physics").lib.cpSpaceSetShapeIDCounter(space._space, number)  # noqa: SLF001
