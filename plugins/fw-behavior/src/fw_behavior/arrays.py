"""`ArrayTree`: one tree of many agents as a pure function of arrays, in any namespace of the array API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fw_behavior.array_kinds import RULES, refused
from fw_behavior.composites import Child
from fw_behavior.errors import Unsupported
from fw_behavior.leaves import leaf_of
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.status import IDLE, RUNNING
from fw_behavior.traced import ArrayState, Layout, Traced

__all__ = ["ArrayState", "ArrayTree"]

INTEGERS = frozenset({"IfThenElse", "WhileDoElse", "Repeat", "Retry"})
TIMES = frozenset({"Timeout", "Delay", "Sleep"})


class ArrayTree:
    """A tree without a state of its own: `tick` gives a new state for an old one, and changes nothing.

    Every node is one ``where`` over all agents, so that a compiler such as ``jax.jit`` can take a whole tick, and
    whatever computes arrays can run it. Actions are pure (``@action(pure=True)``), reactions are scripts. What it
    cannot do is refused by name.
    """

    def __init__(self, root: Child | Plan, xp: Any) -> None:
        self.plan = root if isinstance(root, Plan) else Plan(root if isinstance(root, Node) else leaf_of(root))
        self.xp = xp
        for path, node in zip(self.plan.paths, self.plan.nodes, strict=True):
            problem = refused(node)
            if problem is not None:
                raise Unsupported(path, problem[0], "the array engine", problem[1])
        self._layout = Layout(self.plan, xp, RULES)

    def start(self, agents: int, **where: Any) -> ArrayState:
        """The state of trees that were never ticked. ``where`` (``device=``) goes to the namespace."""
        xp = self.xp

        def zeros(dtype: Any = None) -> Any:
            return xp.zeros(agents, dtype=dtype, **where)

        memory: list[Any] = []
        kept: list[Any] = []
        for i, node in enumerate(self.plan.nodes):
            chain, keeps = node.kind in {"Sequence", "Selector"}, bool(node.args.get("keep"))
            runs = any(RUNNING in self._layout.gives[child] for child in self.plan.children[i])
            if node.kind in {"Parallel", "ParallelAll"}:
                memory.append(tuple([zeros(xp.int8) for _ in node.children]))
            elif node.kind in INTEGERS or (chain and not keeps and runs):
                memory.append(zeros(_numbers(xp, node)))
            else:
                memory.append(zeros() if node.kind in TIMES else None)
            number = _numbers(xp, node) if chain and keeps else xp.int8 if node.kind == "RunOnce" else None
            kept.append(None if number is None else zeros(number))
            if node.kind == "Cooldown":
                kept[i] = zeros() - float("inf")
        status = tuple([zeros(xp.int8) + int(IDLE) for _ in self.plan.nodes])
        return ArrayState(status, tuple(memory), tuple(kept))

    def tick(
        self, state: ArrayState, columns: Mapping[str, Any], now: Any = 0.0
    ) -> tuple[ArrayState, dict[str, Any], Any]:
        """One tick of every agent's tree at the time ``now``: the new state, the new columns, the statuses of the
        roots.
        """
        traced = Traced(self._layout, state, columns)
        traced.now = now
        traced.turn(0, traced.everyone)
        return traced.state(), traced.columns, traced.status[0]

    def halt(self, state: ArrayState, columns: Mapping[str, Any], mask: Any) -> tuple[ArrayState, dict[str, Any]]:
        """Halt the trees of the agents of ``mask`` (an array of truth values)."""
        traced = Traced(self._layout, state, columns)
        traced.halt(0, mask)
        return traced.state(), traced.columns


def _numbers(xp: Any, node: Node) -> Any:
    """Numbers that are large enough for the children of a node, or for how often it ticks its child."""
    return xp.int8 if max(len(node.children), node.args.get("times", 0)) < 127 else xp.int32
