"""The trainer learns the shipped worlds within a bounded number of steps, from fixed seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fw_environment import BadFile
from fw_gym import PPO, BadTask, Balance, Docking, LocalShards, Model, Network, Policy, Progress, RandomPolicy
from fw_gym.network import Layers

from .games import WALK


def earned(model: Model, policy: Policy) -> float:
    """The mean return of the first episodes of 16 lanes, as far as the limit."""
    with LocalShards(model, lanes=16, seed=99) as shards:
        batch = shards.rollout(policy, model.limit)
    ended = batch.terminated | batch.truncated
    first: NDArray[np.bool_] = np.cumsum(ended, axis=0) - ended == 0
    return float((batch.rewards * first).sum(axis=0).mean())


@pytest.mark.parametrize(
    "model,steps,bar", [(Balance(), 80_000, 150.0), (Docking(), 40_000, 7.0)], ids=["balance", "docking"]
)
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
