"""The batch engine: one definition for many agents at once, over numpy arrays.

A *mask* is an array of one byte per agent: 255 where the agent is meant, 0 elsewhere; masks and statuses are
combined bitwise,
which costs less than to select. Statuses are bytes, too: `Status` as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_behavior.batch_kinds import lane_class, refused
from fw_behavior.batch_rare import WhenLane, react
from fw_behavior.blackboard import Blackboard
from fw_behavior.columns import Board, Bytes, Columns, Remapped
from fw_behavior.composites import Child
from fw_behavior.errors import BadTree, Unsupported
from fw_behavior.lanes import Lane
from fw_behavior.leaves import leaf_of
from fw_behavior.machine import MASK
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.scope import Scope
from fw_behavior.status import Status

__all__ = ["BatchTree", "Columns"]


class BatchTree:
    """One tree of each of ``agents`` agents; ``columns`` are their blackboards.

    A condition is called with the columns and gives an array of truth values, one for each agent. An action is called
    with the columns and the numbers of the agents whose turn it is, and gives their statuses: an array, one Status or
    bool for all, or None for success. What an action is told with ``halted=`` is called with the columns and the
    numbers, too, and so are services and reactions such as ``on_success=``. Scripts and pure actions work as they are.
    Random nodes of agent i draw as those of a tree with the seed ``seed + i``.
    """

    def __init__(self, root: Child, agents: int, columns: Mapping[str, Any] | None = None, *, seed: int = 0) -> None:
        self.plan = Plan(root if isinstance(root, Node) else leaf_of(root))
        self.agents = agents
        self.columns = Columns(agents, columns or {})
        self.seed = seed
        self.everyone: Bytes = np.full(agents, 255, np.uint8)
        self._boards = self._seen()
        self._lanes: list[Lane] = [self._lane(i) for i in range(len(self.plan))]
        ticked = [WhenLane(lane) if lane.node.when else lane for lane in self._lanes]
        seeds = np.arange(agents, dtype=np.uint64) + np.uint64(seed & MASK)
        for lane in (*self._lanes, *ticked):
            lane.children = tuple(ticked[child] for child in self.plan.children[lane.i])
            lane.everyone = self.everyone
            lane.seeds = seeds
            lane.below = tuple(self._lanes[lane.i : self.plan.ends[lane.i]])
            if "on_halted" in lane.node.when:
                lane.reaction = partial(react, lane.node.when["on_halted"], lane.board)
        self._root = ticked[0]

    def _seen(self) -> list[Board]:
        """The columns as each node sees them."""
        found: dict[int, Board] = {}
        views = self.plan.views(Blackboard())
        for view in views:
            found.setdefault(id(view), Remapped(self.columns, view) if isinstance(view, Scope) else self.columns)
        return [found[id(view)] for view in views]

    def _lane(self, i: int) -> Lane:
        node, path = self.plan.nodes[i], self.plan.paths[i]
        problem = refused(node)
        if problem is not None:
            raise Unsupported(path, problem[0], "the batch engine", problem[1])
        return lane_class(node)(node, i, self._boards[i])

    def tick(self, now: float = 0.0) -> Bytes:
        """One tick of every agent's tree; the statuses of the roots."""
        self.columns.now = now
        try:
            with np.errstate(all="ignore"):
                return self._root.tick(self.everyone)
        except Exception as error:
            i = _innermost(error.__traceback__)
            error.add_note(f"It was raised by the node {self.plan.paths[i]} ({self.plan.nodes[i].kind}) of a batch.")
            raise

    def halt(self, agents: NDArray[Any] | None = None) -> None:
        """Halt the trees of ``agents`` (numbers or truth values; None: all)."""
        mask = self.everyone
        if agents is not None:
            mask = np.zeros(self.agents, np.uint8)
            mask[agents] = 255
        self._lanes[0].halt(mask)

    @property
    def status(self) -> Bytes:
        """What the roots gave last."""
        return self._lanes[0].status

    def status_of(self, path: str) -> Bytes:
        """What the node at ``path`` gave last, for each agent."""
        return self._lanes[self.plan.id_of(path)].status

    def statuses(self, agent: int) -> dict[str, Status]:
        """What each node of one agent's tree gave last, by path."""
        return {path: Status(lane.status[agent]) for path, lane in zip(self.plan.paths, self._lanes, strict=True)}

    def snapshot(self) -> list[dict[str, Any]]:
        """Where all trees stand, columns not included, for :meth:`restore`."""
        return [lane.state() for lane in self._lanes]

    def restore(self, snapshot: list[dict[str, Any]]) -> None:
        """Stand where the snapshot was taken."""
        if len(snapshot) != len(self._lanes):
            raise BadTree(self.plan.paths[0], "The snapshot is of another tree.", "Restore it where it was taken.")
        for lane, state in zip(self._lanes, snapshot, strict=True):
            lane.set_state(state)


def _innermost(trace: TracebackType | None) -> int:
    """The id of the innermost node in a traceback."""
    found = 0
    while trace is not None:
        node = trace.tb_frame.f_locals.get("self")
        found = node.i if isinstance(node, Lane) else found
        trace = trace.tb_next
    return found
