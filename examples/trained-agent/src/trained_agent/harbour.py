"""The world in which they are watched: berths, at which one ship after another arrives."""

from __future__ import annotations

from typing import Any

from fw_environment import Environment, EnvironmentEntity, Pawn, System
from fw_gym import Docking, controller
from fw_gym.policies import Policy

MODEL = Docking()
TASK = MODEL.task()
REST = 1.0
"""Seconds that a ship stays when it has docked."""


class Berth(EnvironmentEntity):
    """A place for a ship; ships are its parts, so their places count from here."""


class Harbour(System):
    """Counts ships: those that were sent, have docked, were lost, and have left again."""

    wanted: int = 0
    sent: int = 0
    docked: int = 0
    lost: int = 0
    left: int = 0

    @property
    def finished(self) -> bool:
        """Whether all ships have come and gone."""
        return self.left == self.wanted

    def update(self, dt: float) -> None:
        """Let pilots leave ships that have docked or are lost; the berths are free soon after."""
        for berth in self.env.of(Berth):
            for ship in berth.children:
                if isinstance(ship, Pawn) and ship.controller is not None and TASK.done(ship):
                    ship.controller.release()
                    docked = TASK.reward(ship) > 0
                    self.docked += docked
                    self.lost += not docked
                    self.env.events.after(REST, "free", berth.id)


def make_harbour(policy: Policy, ships: int, berths: int = 5, seed: int = 0) -> Environment:
    """A harbour for so many ships; where they come from follows from the seed."""
    env = Environment(MODEL.dt, seed)
    env.add_system(Harbour(wanted=ships))

    def send(world: Environment, berth: EnvironmentEntity) -> None:
        harbour = world.system(Harbour)
        if harbour.sent < harbour.wanted:
            harbour.sent += 1
            ship = MODEL.spawn(world, 1000 * seed + harbour.sent, f"ship {harbour.sent}", berth)
            controller(policy, type(ship), seed=seed + harbour.sent).possess(ship)

    @env.events.on("free")
    def free(world: Environment, number: Any) -> None:
        for ship in world.entities[number].children:
            world.despawn(ship)
            world.system(Harbour).left += 1
        send(world, world.entities[number])

    for row in range(min(berths, ships)):
        send(env, env.spawn(Berth(name=f"berth {row + 1}"), at=(0.0, float(row))))
    return env
