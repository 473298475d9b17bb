"""The yard: a bot, and foxes that come by."""

from __future__ import annotations

from math import hypot
from typing import ClassVar

from fw_environment import Box, Environment, EnvironmentEntity, Pawn, effector

Place = tuple[float, float]

PLACES: dict[str, Place] = {"gate": (4.0, 3.0), "tower": (20.0, 3.0), "well": (20.0, 13.0), "barn": (4.0, 13.0)}
SIGHT = 6.0


def towards(entity: EnvironmentEntity, place: Place, way: float) -> bool:
    """Move so far; whether ``place`` is reached."""
    x, y = place[0] - entity.x, place[1] - entity.y
    away = hypot(x, y)
    if away <= way:
        entity.x, entity.y = place
        return True
    entity.x += x * way / away
    entity.y += y * way / away
    return False


class Fox(Pawn):
    """Crosses the yard, and runs from whoever barks."""

    kind: ClassVar[str] = "Fox"
    speed: float = 1.5
    goal: Place = (0.0, 0.0)

    def on_update(self, dt: float) -> None:
        """One step; it is gone when it is through."""
        if towards(self, self.goal, self.speed * dt):
            self.env.despawn(self)

    def frighten(self) -> None:
        """Run, twice as fast."""
        self.speed = 3.0


class Bot(Pawn):
    """Walks, and barks."""

    kind: ClassVar[str] = "Bot"
    barks: int = 0
    caught: int = 0

    @effector(Box(0, shape=2))
    def walk(self, place: Place, dt: float) -> bool | None:
        """Go to a place."""
        return True if towards(self, place, 3.5 * dt) else None

    def nearest(self) -> Fox | None:
        """The nearest fox that it sees."""
        seen = [fox for fox in self.env.of(Fox) if hypot(fox.x - self.x, fox.y - self.y) < SIGHT]
        return min(seen, key=lambda fox: (hypot(fox.x - self.x, fox.y - self.y), fox.id), default=None)


def make_world(seed: int = 0, dt: float = 0.05) -> tuple[Environment, Bot]:
    """The yard with its bot; a fox comes every few seconds."""
    env = Environment(dt=dt, seed=seed)
    bot = env.spawn(Bot(name="rex"), at=PLACES["gate"])
    env.know(Fox)
    env.events.on("fox")(fox_comes)
    env.events.after(1.0, "fox")
    return env, bot


def fox_comes(env: Environment) -> None:
    """A fox at one side, on its way to the other; and the next one later."""
    chance = env.stream("foxes")
    y, goal = chance.uniform(1, 15), (24.0, chance.uniform(1, 15))
    env.spawn(Fox(goal=goal), at=(0.0, y))
    env.events.after(chance.uniform(2, 4), "fox")
