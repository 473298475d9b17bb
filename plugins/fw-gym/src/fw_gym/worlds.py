"""Two small worlds to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from fw_environment import Box, Discrete, Space
from fw_gym.model import Model, Values


@dataclass(frozen=True)
class Balance(Model):
    """A pole stands on a cart that is pushed left (0) or right (1); each step in which it stands earns 1.

    Barto, Sutton and Anderson 1983. State: place (m), speed, angle (rad), turning speed.
    """

    push: float = 10.0
    draws: ClassVar[int] = 4
    observation: ClassVar[Box] = Box(-100, 100, shape=4)
    action: ClassVar[Space] = Discrete(2)

    def begin(self, xp: Any, noise: Values) -> Values:
        """Near the middle, almost upright."""
        return tuple([0.1 * number - 0.05 for number in noise])

    def advance(self, xp: Any, values: Values, action: Any) -> Values:
        """One step after Euler; cart 1 kg, pole 0.1 kg and 1 m."""
        x, speed, angle, turning = values
        sin, cos = xp.sin(angle), xp.cos(angle)
        force = (2.0 * self.push) * action - self.push
        pull = (force + 0.05 * turning * turning * sin) / 1.1
        twist = (9.8 * sin - cos * pull) / (0.5 * (4.0 / 3.0 - cos * cos * (0.1 / 1.1)))
        gain = pull - twist * cos * (0.05 / 1.1)
        dt = self.dt
        return x + dt * speed, speed + dt * gain, angle + dt * turning, turning + dt * twist

    def place(self, values: tuple[float, ...]) -> tuple[float, float, float]:
        """The cart's place, the pole's angle."""
        return values[0], 0.0, values[2]

    def reward(self, xp: Any, values: Values) -> Any:
        """1."""
        return 1.0 + 0.0 * values[0]

    def over(self, xp: Any, values: Values) -> Any:
        """The cart is 2.4 m from the middle, or the pole leans by 12 degrees."""
        return (xp.abs(values[0]) > 2.4) | (xp.abs(values[2]) > 0.2095)


@dataclass(frozen=True)
class Docking(Model):
    """A ship on a line brakes (0), drifts (1) or thrusts (2), and is to come to rest at 0. State: place, speed.

    Each step costs its distance; the ship has docked, which earns 10, where place and speed are almost 0, and is lost,
    which costs 10, where it is farther than 2.
    """

    dt: ClassVar[float] = 0.1
    limit: ClassVar[int] = 100
    draws: ClassVar[int] = 2
    observation: ClassVar[Box] = Box(-20, 20, shape=2)
    action: ClassVar[Space] = Discrete(3)

    def begin(self, xp: Any, noise: Values) -> Values:
        """Up to 1 away, at up to 0.3."""
        return 2.0 * noise[0] - 1.0, 0.6 * noise[1] - 0.3

    def advance(self, xp: Any, values: Values, action: Any) -> Values:
        """One step."""
        place, speed = values
        speed = speed + self.dt * (action - 1.0)
        return place + self.dt * speed, speed

    def place(self, values: tuple[float, ...]) -> tuple[float, float, float]:
        """On its line."""
        return values[0], 0.0, 0.0

    def reward(self, xp: Any, values: Values) -> Any:
        """See the class."""
        place, _ = values
        cost = -0.1 * xp.abs(place)
        return xp.where(self._docked(xp, values), cost + 10.0, xp.where(xp.abs(place) > 2.0, cost - 10.0, cost))

    def over(self, xp: Any, values: Values) -> Any:
        """Docked or lost."""
        return self._docked(xp, values) | (xp.abs(values[0]) > 2.0)

    def _docked(self, xp: Any, values: Values) -> Any:
        return (xp.abs(values[0]) < 0.1) & (xp.abs(values[1]) < 0.15)
