"""`Task`: a world with a goal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fw_environment import Pawn
from fw_gym.errors import BadTask

if TYPE_CHECKING:
    from fw_environment import Environment


def never(pawn: Any) -> bool:
    """The `done` of a task that ends only by its limit, or with its pawn."""
    return False


@dataclass(frozen=True)
class Task:
    """``make(seed)`` gives a world; each of ``agents``, names of free pawns in it, earns ``reward(pawn)`` in each step.

    An agent's episode is terminated when ``done(pawn)`` says so or its pawn leaves the world, and truncated after
    ``limit`` steps. A step of the task makes ``frames`` steps of the world, in which the actions last.
    ``picture(world)`` gives what `render` shows: an array of height, width and 3 bytes.

    Functions at the top of a module can go to other processes, as shards do.
    """

    make: Callable[[int], Environment]
    agents: tuple[str, ...] | str
    reward: Callable[[Any], float]
    done: Callable[[Any], bool] = never
    limit: int | None = None
    frames: int = 1
    picture: Callable[[Environment], Any] | None = None

    def __post_init__(self) -> None:
        for what, value in (("limit", self.limit), ("frames", self.frames)):
            if value is not None and value < 1:
                raise BadTask("The task", f"Its {what} is {value}.", "Give 1 or more.")
        if not self.names:
            raise BadTask("The task", "It has no agents.", "Name one pawn or more.")

    @property
    def names(self) -> tuple[str, ...]:
        """The agents."""
        return (self.agents,) if isinstance(self.agents, str) else self.agents

    def pawns(self, world: Environment) -> dict[str, Pawn]:
        """The pawns of the agents in a world."""
        found = {}
        for name in self.names:
            pawn = world.find(name)
            if not isinstance(pawn, Pawn):
                raise BadTask(pawn.label, "It is no pawn, so nobody can act in it.", "Derive it from Pawn.")
            pawn.require_free()
            found[name] = pawn
        return found
