"""`as_parallel_env`: several agents in one world, as a parallel environment of PettingZoo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.error import ResetNeeded

from fw_gym.errors import MissingExtra, StrayAgents
from fw_gym.interface import Interface
from fw_gym.single import Episodes, check_render_mode, metadata_of, picture_of

try:
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise MissingExtra("as_parallel_env", "pettingzoo") from error

if TYPE_CHECKING:
    from fw_environment import Environment, Pawn
    from fw_gym.spaces import GymSpace
    from fw_gym.task import Task


def as_parallel_env(task: Task, render_mode: str | None = None) -> WorldParallelEnv:
    """The environment of a task, for all its agents at once."""
    return WorldParallelEnv(task, render_mode)


class WorldParallelEnv(ParallelEnv):  # type: ignore[misc]  # PettingZoo carries no types
    """All agents act, then the world makes its step. Who is done or gone is no agent any more; its pawn stays."""

    def __init__(self, task: Task, render_mode: str | None = None) -> None:
        check_render_mode(task, render_mode)
        self.metadata = metadata_of(task) | {"name": "fw_world", "is_parallelizable": True}
        self.render_mode = render_mode
        self.task = task
        world = task.make(0)
        self._interfaces = {name: Interface(type(pawn)) for name, pawn in task.pawns(world).items()}
        self.possible_agents = list(task.names)
        self.observation_spaces = {name: face.observation_space for name, face in self._interfaces.items()}
        self.action_spaces = {name: face.action_space for name, face in self._interfaces.items()}
        self.agents: list[str] = []
        self._episodes = Episodes()
        self._world: Environment | None = None
        self._pawns: dict[str, Pawn] = {}
        self._seen: dict[str, Any] = {}
        self._duration = task.frames * world.dt
        self._age = 0

    @property
    def world(self) -> Environment:
        """The world of this episode."""
        if self._world is None:
            raise ResetNeeded("The world is made by reset(): call it first.")
        return self._world

    def observation_space(self, agent: str) -> GymSpace:
        """What an agent senses."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> GymSpace:
        """What an agent does."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """A new world; see `WorldEnv.reset` for seeds."""
        if seed is None and not self._episodes.seeded:
            seed = int(np.random.default_rng().integers(2**31))
        if seed is not None:
            self._episodes.seed(seed)
        self._world = self.task.make(self._episodes.next())
        self._pawns = self.task.pawns(self._world)
        self.agents = list(self.possible_agents)
        self._age = 0
        self._seen = {name: pawn.observe() for name, pawn in self._pawns.items()}
        return self._observations(self.agents), {name: {} for name in self.agents}

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One step of the task; ``actions`` holds one for each of :attr:`agents`."""
        world, task, acting = self.world, self.task, self.agents
        if set(actions) != set(acting):
            raise StrayAgents(actions, acting)
        for name in acting:
            if self._pawns[name].alive:
                for action in self._interfaces[name].actions(actions[name], self._duration):
                    self._pawns[name].act(action)
        world.step(task.frames)
        self._age += 1
        late = task.limit is not None and self._age >= task.limit
        over = {}
        for name in acting:
            pawn = self._pawns[name]
            over[name] = not pawn.alive
            if pawn.alive:
                self._seen[name] = pawn.observe()
                over[name] = bool(task.done(pawn))
        truncated = {name: late and not over[name] for name in acting}
        self.agents = [name for name in acting if not over[name] and not truncated[name]]
        rewards = {name: task.reward(self._pawns[name]) for name in acting}
        return self._observations(acting), rewards, over, truncated, {name: {} for name in acting}

    def _observations(self, names: list[str]) -> dict[str, Any]:
        return {name: self._interfaces[name].observation(self._seen[name]) for name in names}

    def render(self) -> Any:
        """The picture of the world now."""
        return None if self.render_mode is None else picture_of(self.task, self.world)
