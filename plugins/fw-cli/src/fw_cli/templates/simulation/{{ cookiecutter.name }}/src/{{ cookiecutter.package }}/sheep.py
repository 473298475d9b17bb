"""`Sheep`: bodies that walk and graze, and `Grazing`, which decides for them."""

from math import cos, sin, tau
from typing import Any, ClassVar

from fw_environment import Action, Box, EntityController, Pawn, effector, sensor

from {{ cookiecutter.package }}.grass import Grass


class Sheep(Pawn):
    """Has `energy`, which walking takes and grass gives. Without any it dies."""

    kind: ClassVar[str] = "Sheep"
    energy: float = 1.0

    @property
    def grass(self) -> Grass:
        """The meadow that it stands on."""
        return self.env.system(Grass)

    @sensor(Box(0, 1))
    def here(self) -> float:
        """How high the grass is where it stands."""
        return float(self.grass.height[self.grass.cell(self.x, self.y)])

    @effector(Box(0, tau))
    def walk(self, heading: float, dt: float) -> None:
        """Walk at 1 m/s, as far as the meadow goes."""
        side = float(self.grass.side)
        self.angle = heading
        self.x = min(max(self.x + cos(heading) * dt, 0.0), side)
        self.y = min(max(self.y + sin(heading) * dt, 0.0), side)
        self.energy -= 0.05 * dt

    @effector(Box(0, 1))
    def graze(self, speed: float, dt: float) -> None:
        """Eat so much in a second."""
        self.energy = min(self.energy + self.grass.graze(self.x, self.y, speed * dt), 2.0)

    def on_update(self, dt: float) -> None:
        """Live."""
        self.energy -= 0.02 * dt
        if self.energy <= 0:
            self.env.despawn(self)


class Grazing(EntityController):
    """Grazes where the grass is high, and goes elsewhere where it is not."""

    kind: ClassVar[str] = "Grazing"
    decision_period: int = 10

    def decide(self, observation: dict[str, Any]) -> Action:
        """What to do for the next half of a second."""
        if observation["here"] > 0.3:
            return Action("graze", 0.5, duration=0.5)
        return Action("walk", self.rng.uniform(0, tau), duration=0.5)
