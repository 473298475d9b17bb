"""`Robot`: drives along paths, loads, unloads, is charged."""

from __future__ import annotations

from math import hypot
from typing import ClassVar

from fw_environment import Box, Pawn, effector
from warehouse.floor import DOCKS, HOMES, Floor, Orders, Place

SPEED = 2.0
PATIENCE = 0.5
"""Seconds before a robot that has to wait looks for a way around."""


class Robot(Pawn):
    """``number`` says where it is charged and where it unloads. ``route`` is what is left of its way."""

    kind: ClassVar[str] = "Robot"
    number: int = 0
    battery: float = 1.0
    order: Place | None = None
    loaded: bool = False
    busy: float = 0.0
    route: tuple[Place, ...] = ()
    waited: float = 0.0
    driven: float = 0.0

    @property
    def home(self) -> Place:
        """Where it is charged."""
        return HOMES[self.number]

    @property
    def dock(self) -> Place:
        """Where it unloads."""
        return DOCKS[self.number % len(DOCKS)]

    @property
    def place(self) -> Place:
        """Where it is."""
        return (self.x, self.y)

    @property
    def floor(self) -> Floor:
        """The floor that it drives on."""
        return self.env.system(Floor)

    @property
    def orders(self) -> Orders:
        """Where its work comes from."""
        return self.env.system(Orders)

    def on_spawn(self) -> None:
        """The cell that it stands on is its own."""
        self.floor.hold(self.place, self.id)

    @effector(Box(0, shape=2))
    def follow(self, goal: Place, dt: float) -> bool | None:
        """Follow a path to ``goal``. A cell is driven to only when it is the robot's; who has to wait too long finds
        another path.
        """
        if not self.route or self.route[-1] != goal:
            self.route = self.floor.route(self.place, goal, self.id, around=self.waited > PATIENCE)
        left = SPEED * dt
        while left > 0 and self.route:
            if not self.floor.claim(self.route[0], self.id):
                break
            left = self._towards(self.route[0], left)
        if left == SPEED * dt and self.place != goal:
            self._wait(dt)
        elif left < SPEED * dt:
            self.waited = 0.0
        return True if self.place == goal else None

    def _towards(self, there: Place, left: float) -> float:
        """Drive; how much of the step's way is left at the middle of a cell."""
        away = hypot(there[0] - self.x, there[1] - self.y)
        gone = min(left, away)
        self.driven += gone
        self.battery -= gone / 200
        if away > left:
            self.x += (there[0] - self.x) * left / away
            self.y += (there[1] - self.y) * left / away
            return 0.0
        self.x, self.y = there
        self.route = self.route[1:]
        self.floor.hold(there, self.id)
        return left - away

    def _wait(self, dt: float) -> None:
        self.waited += dt
        if self.waited > PATIENCE:
            self.route = ()
            if self.waited > 2 * PATIENCE:  # no way around either: stay on the old one for a while
                self.waited = 0.0

    @effector(Box(0, 10))
    def pick_up(self, seconds: float, dt: float) -> bool | None:
        """Take what was ordered."""
        return self._done_after(seconds, dt, loaded=True)

    @effector(Box(0, 10))
    def hand_over(self, seconds: float, dt: float) -> bool | None:
        """Hand over what it has."""
        if not self._done_after(seconds, dt, loaded=False):
            return None
        self.order = None
        self.orders.delivered += 1
        return True

    def _done_after(self, seconds: float, dt: float, *, loaded: bool) -> bool | None:
        self.busy += dt
        if self.busy < seconds:
            return None
        self.busy = 0.0
        self.loaded = loaded
        return True

    @effector(Box(0, 1))
    def charge(self, level: float, dt: float) -> bool | None:
        """Charge up to a level."""
        self.battery = min(self.battery + 0.1 * dt, 1.0)
        return True if self.battery >= level else None
