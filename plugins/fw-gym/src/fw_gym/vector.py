"""`as_vector_env`: many copies of a task as one vector environment of Gymnasium."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from fw_environment import Discrete, OutOfSpace
from fw_gym.lanes import Compile, Lanes, to_numpy
from fw_gym.model import Model
from fw_gym.single import as_gym
from fw_gym.spaces import gym_space
from fw_gym.task import Task

Step = tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


def as_vector_env(
    task: Task | Model, count: int, *, autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP
) -> VectorEnv[Any, Any, Any]:
    """``count`` copies. Those of a `Model` are lanes of arrays, those of another task worlds, one after another."""
    mode = AutoresetMode(autoreset_mode)
    if isinstance(task, Model):
        return LanesEnv(task, count, autoreset_mode=mode)
    return SyncVectorEnv([partial(as_gym, task)] * count, autoreset_mode=mode)


class LanesEnv(VectorEnv[Any, Any, Any]):
    """The lanes of a model. What it gives is what `SyncVectorEnv` gives for as many single worlds, up to rounding."""

    def __init__(
        self,
        model: Model,
        count: int,
        *,
        autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
        xp: Any = np,
        compile: Compile | None = None,
        device: Any = None,
    ) -> None:
        self.num_envs = count
        self.single_observation_space = gym_space(model.observation)
        self.single_action_space = gym_space(model.action)
        self.observation_space = batch_space(self.single_observation_space, count)
        self.action_space = batch_space(self.single_action_space, count)
        self.metadata = {"render_modes": [], "autoreset_mode": autoreset_mode}
        self.autoreset_mode = autoreset_mode
        self.lanes = Lanes(model, count, xp=xp, compile=compile, device=device)
        self._ended = np.zeros(count, np.bool_)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin; with ``options={"reset_mask": mask}`` in some lanes only. Without a seed a lane goes on in its row."""
        mask = np.ones(self.num_envs, np.bool_)
        if options is not None and "reset_mask" in options:
            mask = np.asarray(options["reset_mask"])
            if mask.shape != (self.num_envs,) or mask.dtype != np.bool_ or not mask.any():
                raise ValueError(f"reset_mask is {mask!r}; give {self.num_envs} booleans, at least one of them True.")
        seeds = [seed + lane for lane in range(self.num_envs)] if isinstance(seed, int) else seed
        if seeds is not None and len(seeds) != self.num_envs:
            raise ValueError(f"{len(seeds)} seeds were given for {self.num_envs} lanes.")
        if self.lanes.state is None:
            mask = np.ones(self.num_envs, np.bool_)
            seeds = [None] * self.num_envs if seeds is None else seeds
            seeds = [int(self.np_random.integers(2**31)) if one is None else one for one in seeds]
        self._begin(mask, seeds)
        self._ended = self._ended & ~mask
        return self._array(self.lanes.sense()), {}

    def _begin(self, mask: NDArray[np.bool_], seeds: Sequence[int | None] | None) -> None:
        if seeds is None:
            self.lanes.renew(mask)
            return
        new = np.array([one is not None for one in seeds]) & mask
        numbers = [one or 0 for one in seeds]
        if new.all():
            self.lanes.reset(numbers)
        elif new.any():
            self.lanes.reseed(new, numbers)
        if (mask & ~new).any():
            self.lanes.renew(mask & ~new)

    def step(self, actions: Any) -> Step:
        """One step of all lanes."""
        if self.lanes.state is None:
            raise ResetNeeded("The lanes stand nowhere: call reset() first.")
        actions = self._checked(np.asarray(actions))
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            return self._same_step(actions)
        if self._ended.any() and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded(f"Lanes {np.flatnonzero(self._ended).tolist()} have ended: reset them by a reset_mask.")
        outcome = self.lanes.advance(actions)
        seen = outcome.observation
        reward, terminated, truncated = self._flags(outcome)
        if self._ended.any():
            again = self._ended
            seen = self.lanes.renew(again)
            reward[again], terminated[again], truncated[again] = 0.0, False, False
        self._ended = terminated | truncated
        return self._array(seen), reward, terminated, truncated, {}

    def _same_step(self, actions: Any) -> Step:
        outcome = self.lanes.step(actions)
        reward, terminated, truncated = self._flags(outcome)
        ended = terminated | truncated
        infos: dict[str, Any] = {}
        if ended.any():
            final = self._array(outcome.final)
            shown = np.full(self.num_envs, None, object)
            for lane in np.flatnonzero(ended):
                shown[lane] = final[lane]
            infos = {"final_obs": shown, "_final_obs": ended, "final_info": {}, "_final_info": ended.copy()}
        return self._array(outcome.observation), reward, terminated, truncated, infos

    def _flags(self, outcome: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        return (
            to_numpy(outcome.reward, np.float64),
            to_numpy(outcome.terminated, np.bool_),
            to_numpy(outcome.truncated, np.bool_),
        )

    def _array(self, value: Any) -> NDArray[np.float64]:
        found: NDArray[np.float64] = to_numpy(value, np.float64)
        return found

    def _checked(self, actions: NDArray[Any]) -> NDArray[Any]:
        space: Any = self.single_action_space
        shape = (self.num_envs, *space.shape)
        low, high = (0, space.n - 1) if isinstance(self.lanes.model.action, Discrete) else (space.low, space.high)
        if actions.shape != shape or not ((actions >= low) & (actions <= high)).all():
            raise OutOfSpace(f"A step of {self.num_envs} lanes", actions, self.action_space)
        return actions
