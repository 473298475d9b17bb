"""`as_gym`: one agent in a world, as an environment of Gymnasium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
from gymnasium.error import ResetNeeded

from fw_gym.errors import BadTask
from fw_gym.interface import Interface
from fw_gym.model import Model
from fw_gym.seeds import INTS
from fw_gym.task import Task

if TYPE_CHECKING:
    from fw_environment import Environment, Pawn


class Episodes:
    """Gives every episode its seed: the first after ``seed(s)`` has s itself, the others follow from it."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._number = 0

    def seed(self, seed: int) -> None:
        """Begin a row of episodes."""
        self._first, self._number = seed, -1

    @property
    def seeded(self) -> bool:
        """Whether a row has begun."""
        return self._first is not None

    def next(self) -> int:
        """The seed of the next episode."""
        self._number += 1
        first = self._first or 0
        return first if self._number == 0 else int(INTS.episode_seed(first, self._number))


def task_of(what: Task | Model) -> Task:
    """The task itself, or that of a model."""
    return what.task() if isinstance(what, Model) else what


def as_gym(task: Task | Model, render_mode: str | None = None) -> WorldEnv:
    """The environment of a task that has one agent."""
    return WorldEnv(task_of(task), render_mode)


class WorldEnv(gymnasium.Env[Any, Any]):
    """Every reset makes the world anew, with a seed of its own; ``env.world`` is that world."""

    def __init__(self, task: Task, render_mode: str | None = None) -> None:
        if len(task.names) != 1:
            raise BadTask("The task", f"It has the agents {', '.join(task.names)}.", "Use as_parallel_env for them.")
        self.metadata = metadata_of(task)
        check_render_mode(task, render_mode)
        self.render_mode = render_mode
        self.task = task
        world = task.make(0)
        [pawn] = task.pawns(world).values()
        self._interface = Interface(type(pawn))
        self.observation_space = self._interface.observation_space
        self.action_space = self._interface.action_space
        self._episodes = Episodes()
        self._world: Environment | None = None
        self._pawn: Pawn = pawn
        self._duration = task.frames * world.dt
        self._age = 0
        self._seen: Any = None

    @property
    def world(self) -> Environment:
        """The world of this episode."""
        if self._world is None:
            raise ResetNeeded("The world is made by reset(): call it first.")
        return self._world

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """A new world. With a seed it is the world of that seed; without one, the next in the row of the last seed."""
        super().reset(seed=seed)
        if seed is None and not self._episodes.seeded:
            seed = int(self.np_random.integers(2**31))
        if seed is not None:
            self._episodes.seed(seed)
        self._world = self.task.make(self._episodes.next())
        [self._pawn] = self.task.pawns(self._world).values()
        self._age = 0
        self._seen = self._pawn.observe()
        return self._interface.observation(self._seen), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Let the pawn act for one step of the task. The last observation stands for a pawn that has gone."""
        task, pawn, world = self.task, self._pawn, self._world
        if world is None:
            raise ResetNeeded("The world is made by reset(): call it first.")
        if pawn.alive:
            for act in self._interface.actions(action, self._duration):
                pawn.act(act)
        world.step(task.frames)
        self._age += 1
        over = not pawn.alive
        if not over:
            self._seen = pawn.observe()
            over = task.done(pawn)
        truncated = not over and task.limit is not None and self._age >= task.limit
        return self._interface.observation(self._seen), task.reward(pawn), over, truncated, {}

    def render(self) -> Any:
        """The picture of the world now."""
        return None if self.render_mode is None else picture_of(self.task, self.world)


def metadata_of(task: Task) -> dict[str, Any]:
    """What Gymnasium and PettingZoo are told of a task."""
    return {"render_modes": [] if task.picture is None else ["rgb_array"], "render_fps": 30}


def check_render_mode(task: Task, mode: str | None) -> None:
    """`BadTask` where the task has no picture for it."""
    if mode is not None and (mode != "rgb_array" or task.picture is None):
        raise BadTask("The task", f"It cannot be rendered as {mode!r}.", 'Give Task(picture=…) and "rgb_array".')


def picture_of(task: Task, world: Environment) -> Any:
    """What its ``picture`` gives."""
    return None if task.picture is None else task.picture(world)
