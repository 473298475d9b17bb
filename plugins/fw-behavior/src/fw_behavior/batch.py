"""The batch engine: one definition for many agents at once, over numpy arrays.

A *mask* is an array of one byte per agent: 255 where the agent is meant, 0 elsewhere; masks and statuses are
combined bitwise,
which costs less than to select. Statuses are bytes, too: `Status` as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fw_behavior.batch_nodes import BATCHED
from fw_behavior.composites import Child
from fw_behavior.errors import BadTree, MissingKey, Unsupported
from fw_behavior.lanes import Lane
from fw_behavior.leaves import UserLeaf, leaf_of
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.script import Script
from fw_behavior.status import Status

Bytes = NDArray[np.uint8]


class Columns:
    """The blackboards of all agents: an array for each key, one entry for each agent."""

    def __init__(self, agents: int, columns: Mapping[str, Any]) -> None:
        self.agents = agents
        self.now = 0.0
        self._columns: dict[str, NDArray[Any]] = {}
        for key, column in columns.items():
            self[key] = column

    def __getitem__(self, key: str) -> NDArray[Any]:
        try:
            return self._columns[key.removeprefix("@")]
        except KeyError:
            raise MissingKey(key, self._columns) from None

    def __setitem__(self, key: str, column: Any) -> None:
        array = np.asarray(column)
        if array.ndim == 0:
            array = np.full(self.agents, array)
        if len(array) != self.agents:
            raise BadTree(key, f"The column has {len(array)} entries for {self.agents} agents.", "Give one for each.")
        self._columns[key.removeprefix("@")] = array

    def __contains__(self, key: str) -> bool:
        return key.removeprefix("@") in self._columns

    def __iter__(self) -> Any:
        return iter(self._columns)


class BatchTree:
    """One tree of each of ``agents`` agents; ``columns`` are their blackboards.

    A condition is called with the columns and gives an array of truth values, one for each agent. An action is called
    with the columns and the numbers of the agents whose turn it is, and gives their statuses: an array, one Status or
    bool for all, or None for success. Scripts work as they are. What an action is told with ``halted=`` is called
    with the
    columns and the numbers, too.
    """

    def __init__(self, root: Child, agents: int, columns: Mapping[str, Any] | None = None, *, seed: int = 0) -> None:
        self.plan = Plan(root if isinstance(root, Node) else leaf_of(root))
        self.agents = agents
        self.columns = Columns(agents, columns or {})
        self.seed = seed
        self.everyone: Bytes = np.full(agents, 255, np.uint8)
        self._lanes: list[Lane] = []
        for i in range(len(self.plan)):
            self._lanes.append(self._lane(i))
        for lane in self._lanes:
            lane.children = tuple(self._lanes[child] for child in self.plan.children[lane.i])
            lane.everyone = self.everyone
            lane.below = tuple(self._lanes[lane.i : self.plan.ends[lane.i]])

    def _lane(self, i: int) -> Lane:
        node, path = self.plan.nodes[i], self.plan.paths[i]
        if node.kind not in BATCHED:
            kinds = ", ".join(sorted(BATCHED))
            raise Unsupported(path, node.kind, "the batch engine", f"It has: {kinds}.")
        if node.when:
            raise Unsupported(path, f"{next(iter(node.when))!r} of a {node.kind}", "the batch engine", "Use a Guard.")
        for asked in node.expressions:
            if isinstance(asked, Script) and asked.writes:
                raise Unsupported(path, f"script that writes ({asked.text!r})", "the batch engine", "Use an action.")
        if isinstance(node, UserLeaf):
            if node.call is None or isinstance(node.call, type) or getattr(node, "is_async", False):
                raise Unsupported(path, f"{node.label} as action", "the batch engine", "Give a function of columns.")
            if node.args["ports"]:
                raise Unsupported(path, "port of a leaf", "the batch engine", "Name the keys in the function.")
        return BATCHED[node.kind](node, i, self.columns)

    def tick(self, now: float = 0.0) -> Bytes:
        """One tick of every agent's tree; the statuses of the roots."""
        self.columns.now = now
        with np.errstate(all="ignore"):
            return self._lanes[0].tick(self.everyone)

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
