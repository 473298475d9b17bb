"""`Model`: a world as functions of numbers, for one pawn or for a million lanes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from fw_environment import Discrete, Environment, EnvironmentEntity, Pawn, Space, effector, sensor
from fw_gym.errors import BadTask
from fw_gym.seeds import INTS, MASK
from fw_gym.task import Task

if TYPE_CHECKING:
    from fw_environment import Box

Values = tuple[Any, ...]


class Scalars:
    """The part of the array API that models use, for bare numbers: numpy takes a microsecond for each of them."""

    sin, cos, exp, sqrt, tanh = math.sin, math.cos, math.exp, math.sqrt, math.tanh
    abs, minimum, maximum = abs, min, max

    @staticmethod
    def where(condition: Any, one: Any, other: Any) -> Any:
        """``one`` where the condition holds."""
        return one if condition else other


SCALARS = Scalars()


class Model(ABC):
    """The rules of a world whose state is ``values``, a tuple of numbers or of equally long arrays.

    ``xp`` is an array-API namespace, or `Scalars`: use ``xp.sin``, ``xp.where``, comparisons and ``&``, never ``if``.
    Derive it as a frozen dataclass, so that equal models are one. ``action`` is a number (also where the space is
    `Discrete`), or a tuple of numbers where the space is a `Box` with a shape.
    """

    dt: ClassVar[float] = 1 / 50
    limit: ClassVar[int] = 500
    draws: ClassVar[int]
    """How many random numbers a beginning takes."""
    observation: ClassVar[Box]
    action: ClassVar[Space]

    @abstractmethod
    def begin(self, xp: Any, noise: Values) -> Values:
        """The state at the beginning; ``noise`` holds numbers in [0, 1)."""

    @abstractmethod
    def advance(self, xp: Any, values: Values, action: Any) -> Values:
        """The state one step later."""

    def sense(self, xp: Any, values: Values) -> Values:
        """What the agent sees: a number for each of the observation's; without an override, the whole state."""
        return values

    @abstractmethod
    def reward(self, xp: Any, values: Values) -> Any:
        """What the step that led to this state earns."""

    @abstractmethod
    def over(self, xp: Any, values: Values) -> Any:
        """Whether the episode is terminated in this state."""

    def place(self, values: tuple[float, ...]) -> tuple[float, float, float]:
        """Where the pawn of a world is: x, y and angle, within its parent. Nothing that is learned depends on it."""
        return 0.0, 0.0, 0.0

    def spawn(self, env: Environment, seed: int, name: str = "agent", parent: EnvironmentEntity | None = None) -> Pawn:
        """A pawn that follows these rules, in any world of the same ``dt``; its state is ``pawn.values``."""
        if env.dt != self.dt:
            raise BadTask(repr(self), f"Its dt is {self.dt:g}, the world's {env.dt:g}.", "Make the world with its dt.")
        noise = tuple([bits * 2.0**-24 for bits in INTS.noise(seed & MASK, self.draws)])
        pawn: Pawn = body_of(self)(name=name, values=self.begin(SCALARS, noise))
        pawn.x, pawn.y, pawn.angle = self.place(pawn.values)  # type: ignore[attr-defined]  # a body's
        return env.spawn(pawn, parent=parent)

    def world(self, seed: int) -> Environment:
        """A world with one pawn, ``agent``, that follows these rules."""
        env = Environment(self.dt, seed)
        self.spawn(env, seed)
        return env

    def task(self) -> Task:
        """The world with its goal."""
        return Task(self.world, "agent", self._reward, self._over, self.limit)

    def _reward(self, pawn: Any) -> float:
        return float(self.reward(SCALARS, pawn.values))

    def _over(self, pawn: Any) -> bool:
        return bool(self.over(SCALARS, pawn.values))


@cache
def body_of(model: Model) -> Any:
    """The kind of pawn that follows a model's rules."""
    bare = model.observation.shape is None
    number = float if isinstance(model.action, Discrete) else _same
    placed = type(model).place is not Model.place

    class Body(Pawn):
        kind: ClassVar[str] = type(model).__name__
        values: tuple[float, ...] = ()

        @sensor(model.observation)
        def senses(self) -> Any:
            seen = model.sense(SCALARS, self.values)
            return seen[0] if bare else seen

        @effector(model.action)
        def control(self, action: Any, dt: float) -> None:
            self.values = values = model.advance(SCALARS, self.values, number(action))
            if placed:
                self.x, self.y, self.angle = model.place(values)

    return Body


def _same(value: Any) -> Any:
    return value
