"""Shards: lanes of a task that run policies where they are, in this process or in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from gymnasium.vector import AutoresetMode

from fw_gym.errors import BadTask
from fw_gym.vector import as_vector_env

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fw_gym.model import Model
    from fw_gym.policies import Policy
    from fw_gym.spaces import GymSpace
    from fw_gym.task import Task


@dataclass(frozen=True)
class Batch:
    """What some lanes did for some steps: arrays whose first two dimensions are steps and lanes.

    ``following`` is what came after each action; where an episode ended there, its last observation.
    """

    observations: NDArray[Any]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    following: NDArray[Any]

    @classmethod
    def side_by_side(cls, batches: Sequence[Batch]) -> Batch:
        """One batch with the lanes of all."""
        return cls(*[np.concatenate([getattr(one, f.name) for one in batches], axis=1) for f in fields(cls)])


class Shard:
    """Some lanes of a task. Everything random in it comes from ``seed`` and ``number``."""

    def __init__(self, task: Task | Model, lanes: int, seed: int, number: int) -> None:
        self.env = as_vector_env(task, lanes, autoreset_mode=AutoresetMode.SAME_STEP)
        self._rng = np.random.default_rng((seed, number))
        self._seen, _ = self.env.reset(seed=(seed + number * lanes) & 0x7FFFFFFF)
        if not isinstance(self._seen, np.ndarray):
            raise BadTask("The task", "Its pawn has several sensors.", "Give it one sensor, of a row of numbers.")

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """Let ``policy`` act for ``steps`` steps, from where the last call ended."""
        rows: list[tuple[Any, ...]] = []
        for _ in range(steps):
            actions = policy.act(self._seen, self._rng)
            seen, rewards, terminated, truncated, infos = self.env.step(actions)
            following = seen
            if "final_obs" in infos:
                following = seen.copy()
                for lane in np.flatnonzero(terminated | truncated):
                    following[lane] = infos["final_obs"][lane]
            rows.append((self._seen, actions, rewards, terminated, truncated, following))
            self._seen = seen
        return Batch(*[np.stack(column) for column in zip(*rows, strict=True)])


class Shards(Protocol):
    """Shards of one task. Each takes one call for as many steps as are wanted; all work at once where they can.

    The same task, shards, lanes and seed give the same batches, wherever the shards run.
    """

    observation_space: GymSpace
    action_space: GymSpace
    lanes: int
    """How many lanes all shards have together."""

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """The batch of all lanes; `ShardFailed` where one of the shards cannot go on."""

    def close(self) -> None:
        """End what runs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LocalShards:
    """Shards in this process, one after another."""

    def __init__(self, task: Task | Model, *, shards: int = 1, lanes: int = 16, seed: int = 0) -> None:
        """``lanes`` are those of each shard."""
        self._shards = [Shard(task, lanes, seed, number) for number in range(shards)]
        self.lanes = shards * lanes
        self.observation_space: GymSpace = self._shards[0].env.single_observation_space
        self.action_space: GymSpace = self._shards[0].env.single_action_space

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """See `Shards`."""
        return Batch.side_by_side([shard.rollout(policy, steps) for shard in self._shards])

    def close(self) -> None:
        """Nothing runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
