"""`BehaviorTree`: one running tree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self, get_args

from fw_behavior import codegen, engine
from fw_behavior.blackboard import Blackboard
from fw_behavior.composites import Child
from fw_behavior.errors import BadTree
from fw_behavior.leaves import ActionNode, leaf_of
from fw_behavior.machine import Machine
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.recorder import Recorder, Statistics, observed
from fw_behavior.snapshot import Snapshot, check, restore, take
from fw_behavior.status import RUNNING, Status
from fw_behavior.swapping import carry_over, replaced
from fw_behavior.ticking import TickAt, ticking

Engine = Literal["objects", "compiled"]


class BehaviorTree:
    """A definition, a blackboard (or the values of a new one), and where it stands.

    ``engine`` is ``objects`` (one object per node) or ``compiled`` (one function, faster); they do the same. ``clock``
    gives seconds. ``seed`` is that of all random nodes. ``statistics`` counts per node, ``record`` keeps so many ticks;
    without them neither costs anything.
    """

    def __init__(
        self,
        root: Child | Plan,
        blackboard: Blackboard | Mapping[str, Any] | None = None,
        *,
        engine: Engine = "compiled",
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
        statistics: bool = False,
        record: int = 0,
    ) -> None:
        node = root if isinstance(root, Node | Plan) else leaf_of(root)
        self.blackboard = blackboard if isinstance(blackboard, Blackboard) else Blackboard(blackboard)
        if engine not in get_args(Engine):
            raise BadTree("BehaviorTree", f"There is no engine {engine!r}.", f"Use {' or '.join(get_args(Engine))}.")
        self.engine: Engine = engine
        self.clock = self.blackboard.clock = clock
        self.seed = seed
        self.changed = asyncio.Event()
        """Set when an async action has ended: another tick is due."""
        self.statistics: Statistics | None = None
        self.recorder: Recorder | None = Recorder(record) if record else None
        self._counted = statistics
        self._abandoned: list[asyncio.Task[Any]] = []
        self.plan = node if isinstance(node, Plan) else Plan(node)
        self.machine, self.tick = self._made(self.plan)
        """``tick(now=None)``: one tick at the time ``now`` (None: the clock's). If a node raises, the tree is halted
        and NodeFailed raised.
        """

    def _made(self, plan: Plan) -> tuple[Machine, TickAt]:
        machine = Machine(plan, self.blackboard, self.seed, self.changed.set)
        if self._counted:
            self.statistics = Statistics(plan)
            tick = observed(machine, self.statistics)
        else:
            tick = (codegen.build if self.engine == "compiled" else engine.build)(machine)
        self._bare = ticking(tick, machine)
        return machine, self._bare if self.recorder is None else self.recorder.recorded(self._bare, machine)

    def record(self, size: int) -> Recorder:
        """Keep the last ``size`` ticks from now on; what was recorded before is forgotten."""
        self.recorder = Recorder(size)
        self.tick = self.recorder.recorded(self._bare, self.machine)
        return self.recorder

    @property
    def status(self) -> Status:
        """What the root gave last."""
        return self.machine.status[0]

    @property
    def statuses(self) -> dict[str, Status]:
        """What each node gave last, by path; IDLE: never ticked, or halted."""
        return dict(zip(self.plan.paths, self.machine.status, strict=True))

    def status_of(self, path: str) -> Status:
        """What the node at ``path`` gave last."""
        return self.machine.status[self.plan.id_of(path)]

    def halt(self) -> None:
        """Stop what is running; async actions are cancelled. The next tick starts from the root."""
        self.machine.halt(0)

    async def aclose(self) -> None:
        """Halt, and wait until all cancelled actions have ended."""
        self.halt()
        own = asyncio.current_task()
        pending = [task for leaf in self.machine.tasks.values() for task in leaf.pending]
        await asyncio.gather(*(t for t in [*pending, *self._abandoned] if t is not own), return_exceptions=True)
        self._abandoned.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def snapshot(self) -> Snapshot:
        """Where it stands, blackboard included, as data that any engine can restore. Raises `Unsupported` while an
        async
        action runs that does not say how it resumes.
        """
        return take(self.machine)

    def restore(self, snapshot: Snapshot) -> None:
        """Stand where ``snapshot`` was taken; what is running now is halted first.

        `BadTree`, and nothing is halted, where it is of another tree.
        """
        check(self.machine, snapshot)
        self.halt()
        restore(self.machine, snapshot)

    def swap(self, path: str, node: Child) -> None:
        """Put ``node`` in the place of the one at ``path``. What is at the same path and of the same kind keeps its
        state,
        running async actions included; what is gone is halted.
        """
        target = self.plan.id_of(path)
        plan = Plan(replaced(self.plan, target, node if isinstance(node, Node) else leaf_of(node)))
        old = self.machine
        machine, tick = self._made(plan)
        carry_over(old, machine)
        self._abandoned += [task for leaf in old.tasks.values() for task in leaf.pending]
        self.plan, self.machine, self.tick = plan, machine, tick
        self.changed.set()

    @property
    def due(self) -> float | None:
        """When a timer wants the next tick, in the clock's seconds; None: no timer is running."""
        return next_due(self.machine)

    @property
    def polling(self) -> bool:
        """Whether something is running that has not said what it waits for: it wants ticks all the time."""
        status = self.machine.status
        return self.machine.again or any(
            status[i] is RUNNING and i not in self.machine.tasks and node.mark.reads is None
            for i, node in enumerate(self.plan.nodes)
            if isinstance(node, ActionNode)
        )


def next_due(machine: Machine) -> float | None:
    """The earliest time at which a timer of the tree runs out."""
    times = []
    for i in machine.plan.timed:
        node, memory, kept = machine.plan.nodes[i], machine.memory[i], machine.kept[i]
        if node.kind == "Cooldown" and kept:
            times.append(kept[0] + node.args["seconds"])
        elif machine.status[i] is RUNNING:
            times.append(memory if node.kind == "Service" else memory + node.args["seconds"])
    return min((time for time in times if time > machine.board.now), default=None)
