"""`RayShards`: each shard as an actor of a Ray cluster."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from fw_gym.errors import MissingExtra, ShardFailed
from fw_gym.shards import Batch, Shard

if TYPE_CHECKING:
    from fw_gym.model import Model
    from fw_gym.policies import Policy
    from fw_gym.spaces import GymSpace
    from fw_gym.task import Task


class RayShards:
    """Shards as actors, one call for each and as many steps as are wanted; the policy goes into the object store once.

    Call ``ray.init(…)`` before. An actor that has died ends them all: its lanes are lost.
    """

    def __init__(self, task: Task | Model, *, shards: int = 2, lanes: int = 16, seed: int = 0, cpus: float = 1) -> None:
        """``lanes`` are those of each shard, ``cpus`` what Ray keeps for each."""
        try:
            self._ray: Any = import_module("ray")
        except ImportError as error:
            raise MissingExtra("RayShards", "ray") from error
        actor = self._ray.remote(num_cpus=cpus)(_Actor)
        self.lanes = shards * lanes
        self._actors = [actor.remote(task, lanes, seed, number) for number in range(shards)]
        spaces: list[tuple[GymSpace, GymSpace]] = self._answers([one.spaces.remote() for one in self._actors])
        self.observation_space, self.action_space = spaces[0]

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """See `Shards`."""
        if not self._actors:
            raise ShardFailed(0, "It is closed")
        shared = self._ray.put(policy)
        return Batch.side_by_side(self._answers([one.rollout.remote(shared, steps) for one in self._actors]))

    def _answers(self, calls: list[Any]) -> list[Any]:
        found = []
        for number, call in enumerate(calls):
            try:
                found.append(self._ray.get(call))
            except self._ray.exceptions.RayError as error:
                self.close()
                raise ShardFailed(number, f"{type(error).__name__}: {error}") from error
        return found

    def close(self) -> None:
        """End the actors."""
        for one in self._actors:
            self._ray.kill(one)
        self._actors = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Actor:
    """What lives in Ray's processes."""

    def __init__(self, task: Task | Model, lanes: int, seed: int, number: int) -> None:
        self._shard = Shard(task, lanes, seed, number)

    def spaces(self) -> tuple[GymSpace, GymSpace]:
        """Of one lane."""
        return self._shard.env.single_observation_space, self._shard.env.single_action_space

    def rollout(self, policy: Policy, steps: int) -> Batch:
        """See `Shard`."""
        return self._shard.rollout(policy, steps)
