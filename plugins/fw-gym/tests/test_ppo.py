"""The trainer learns the shipped worlds within a bounded number of steps, from fixed seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from fw_environment import BadFile, Box, Space
from fw_gym import PPO, BadTask, Balance, Docking, LocalShards, Model, Network, Policy, Progress, RandomPolicy
from fw_gym.layers import Layers

from .games import WALK


def earned(model: Model, policy: Policy) -> float:
    """The mean return of the first episodes of 16 lanes, as far as the limit."""
    with LocalShards(model, lanes=16, seed=99) as shards:
        batch = shards.rollout(policy, model.limit)
    ended = batch.terminated | batch.truncated
    first: NDArray[np.bool_] = np.cumsum(ended, axis=0) - ended == 0
    return float((batch.rewards * first).sum(axis=0).mean())


@dataclass(frozen=True)
class Gliding(Docking):
    """Docking with an engine that can be throttled."""

    action: ClassVar[Space] = Box(-1, 1)

    def advance(self, xp: Any, values: tuple[Any, ...], action: Any) -> tuple[Any, ...]:
        return super().advance(xp, values, action + 1.0)


@dataclass(frozen=True)
class Reaching(Model):
    """A hand in a plane is to come to 0, 0; its wind is such that standing still takes an effort."""

    dt: ClassVar[float] = 0.1
    limit: ClassVar[int] = 50
    draws: ClassVar[int] = 2
    observation: ClassVar[Box] = Box(-20, 20, shape=2)
    action: ClassVar[Space] = Box(-1, 3, shape=2)

    def begin(self, xp: Any, noise: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([2.0 * number - 1.0 for number in noise])

    def advance(self, xp: Any, values: tuple[Any, ...], action: Any) -> tuple[Any, ...]:
        return tuple([value + self.dt * (speed - 1.0) for value, speed in zip(values, action, strict=True)])

    def reward(self, xp: Any, values: tuple[Any, ...]) -> Any:
        return xp.where(self.over(xp, values), 5.0 - self._far(xp, values), -self._far(xp, values))

    def over(self, xp: Any, values: tuple[Any, ...]) -> Any:
        return self._far(xp, values) < 0.15

    def _far(self, xp: Any, values: tuple[Any, ...]) -> Any:
        return xp.sqrt(values[0] * values[0] + values[1] * values[1])


LEARNED = {
    "balance": (Balance(), 80_000, 150.0),
    "docking": (Docking(), 40_000, 7.0),
    "gliding": (Gliding(), 80_000, 7.0),
    "reaching": (Reaching(), 80_000, 1.0),
}


@pytest.mark.parametrize("model,steps,bar", LEARNED.values(), ids=LEARNED)
def test_it_learns(model: Model, steps: int, bar: float) -> None:
    with LocalShards(model, lanes=32, seed=1) as shards:
        trainer = PPO(shards, seed=1)
        heard: list[Progress] = []
        after = trainer.learn(steps, until=bar, watch=heard.append)
    assert after.mean_return >= bar
    assert heard[-1] == after
    assert heard[0].mean_return < bar / 4
    assert after.steps <= steps
    chance = RandomPolicy(shards.action_space)
    assert earned(model, trainer.network.greedy()) > earned(model, chance) + bar, "in worlds that are new to both"


def test_equal_seeds_learn_equal_networks() -> None:
    def learned(seed: int) -> list[bytes]:
        with LocalShards(Docking(), lanes=8, seed=seed) as shards:
            trainer = PPO(shards, seed=seed)
            trainer.learn(2000)
        return [weights.tobytes() for weights in trainer.network.layers.weights]

    assert learned(1) == learned(1)
    assert learned(1) != learned(2)


def test_gradients_are_those_of_small_differences() -> None:
    rng = np.random.default_rng(1)
    layers = Layers.random((3, 5, 2), rng, 1.0)
    inputs, error = rng.standard_normal((7, 3)), rng.standard_normal((7, 2))
    found = layers.gradients(layers.trace(inputs), error)
    for weights, gradient in zip(layers.weights, found, strict=True):
        at = tuple(size // 2 for size in weights.shape)
        kept = weights[at]
        ends = []
        for step in (1e-6, -1e-6):
            weights[at] = kept + step
            ends.append((layers.trace(inputs)[-1] * error).sum())
        weights[at] = kept
        assert gradient[at] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def test_a_network_is_kept_in_a_file(tmp_path: Path) -> None:
    network = Network(Layers.random((4, 8, 2), np.random.default_rng(3), 1.0))
    network.save(tmp_path / "policy.npz")
    read = Network.read(tmp_path / "policy.npz")
    rows = np.random.default_rng(0).standard_normal((10, 4))
    assert np.array_equal(read.preferences(rows), network.preferences(rows))
    np.savez(tmp_path / "other.npz", weights=rows)
    with pytest.raises(BadFile, match="no network"):
        Network.read(tmp_path / "other.npz")


def test_what_it_cannot_learn_is_told() -> None:
    with pytest.raises(BadTask, match="several sensors"):
        LocalShards(WALK)
