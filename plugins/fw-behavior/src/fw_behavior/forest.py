"""`Forest`: many trees, ticked in turn within a budget."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from fw_behavior.errors import BadTree
from fw_behavior.tree import BehaviorTree


@dataclass(slots=True, eq=False)
class Place:
    """A tree of a forest: it is ticked at every ``every``-th step, those whose number leaves ``phase``."""

    tree: BehaviorTree
    every: int
    phase: int
    turn: int = 0


class Forest:
    """Trees that are ticked together, some rarer than others.

    Trees of one rate are spread over the steps, so that no step has all the work. At most ``most`` trees are ticked
    in a
    step (the same in every run), or as many as begin within ``budget`` seconds (at least one). Those left over come
    first
    in the next step; none is forgotten, and none is ticked twice in a step.
    """

    def __init__(
        self, *, most: int | None = None, budget: float | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.steps = 0
        self._turns = 0
        self._most = most
        self._budget = budget
        self._clock = clock
        self._slots: dict[int, list[list[Place]]] = {}
        self._places: dict[BehaviorTree, Place] = {}
        self._waiting: deque[Place] = deque()
        self._queued: set[Place] = set()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def late(self) -> int:
        """How many trees wait for a tick that was due in an earlier step."""
        return len(self._queued)

    def add(self, tree: BehaviorTree, *, every: int = 1) -> None:
        """Tick ``tree`` at every ``every``-th step. Adding it again changes its rate."""
        if every < 1:
            raise BadTree(tree.plan.root.label, f"every={every} is no rate.", "Use 1 or more.")
        self.remove(tree)
        slots = self._slots.setdefault(every, [[] for _ in range(every)])
        phase = min(range(every), key=lambda phase: len(slots[phase]))
        place = self._places[tree] = Place(tree, every, phase)
        slots[phase].append(place)

    def remove(self, tree: BehaviorTree) -> None:
        """Tick it no more. It is not halted."""
        place = self._places.pop(tree, None)
        if place is not None:
            self._slots[place.every][place.phase].remove(place)
            if place in self._queued:
                self._queued.discard(place)
                self._waiting.remove(place)

    def tick(self, now: float) -> int:
        """One step at the time ``now``; how many trees were ticked. What a tree raises passes; the others come next
        time.
        """
        due = [place for every, slots in self._slots.items() for place in slots[self.steps % every]]
        if self._most is not None or self._budget is not None:
            due.sort(key=lambda place: place.turn)  # else those that come first would always be reached
        for place in due:
            if place not in self._queued:
                self._queued.add(place)
                self._waiting.append(place)
        self.steps += 1
        end = None if self._budget is None else self._clock() + self._budget
        most, done = len(self._waiting) if self._most is None else self._most, 0
        while self._waiting and done < most and (end is None or not done or self._clock() < end):
            place = self._waiting.popleft()
            self._queued.discard(place)
            done += 1
            self._turns += 1
            place.turn = self._turns
            place.tree.tick(now)
        return done
