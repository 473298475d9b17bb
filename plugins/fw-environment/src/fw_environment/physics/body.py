"""`Body`: an entity that physics moves."""

from __future__ import annotations

from typing import ClassVar

from fw_environment.pawn import Pawn
from fw_environment.physics.shapes import Shape


class Body(Pawn):
    """A rigid body; all of it is state. Its place is its centre of gravity, and it is part of nothing else.

    ``motion`` is ``"dynamic"`` (moved by forces and contacts), ``"kinematic"`` (moved by its own velocity, and by
    nothing else) or ``"static"``. A ``ghost`` touches and is touched, and neither pushes. Two bodies meet if each one's
    ``category`` has a bit in common with what the other ``meets``. With ``turns=False`` only you turn it.
    """

    kind: ClassVar[str] = "Body"

    motion: str = "dynamic"
    shapes: tuple[Shape, ...] = ()
    mass: float = 1.0
    friction: float = 0.5
    elasticity: float = 0.0
    turns: bool = True
    ghost: bool = False
    category: int = 1
    meets: int = 0xFFFFFFFF
    vx: float = 0.0
    vy: float = 0.0
    spin: float = 0.0
    fx: float = 0.0
    fy: float = 0.0
    torque: float = 0.0

    def push(self, fx: float, fy: float) -> None:
        """A force for the next step of the physics; several are added up."""
        self.fx += fx
        self.fy += fy

    def twist(self, torque: float) -> None:
        """A torque for the next step of the physics."""
        self.torque += torque

    def kick(self, x: float, y: float) -> None:
        """An impulse (force times time), at once."""
        self.vx += x / self.mass
        self.vy += y / self.mass
