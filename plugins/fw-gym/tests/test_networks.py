"""Networks as policies: what they draw, what they learn by, their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from fw_environment import BadFile, Environment, Pawn, effector, sensor
from fw_environment import Box as Numbers
from fw_gym import PPO, BadTask, GaussianNetwork, LocalShards, Network, OnnxPolicy, Task, write_onnx
from fw_gym.layers import Layers

BOXES = {
    "number": spaces.Box(-1.0, 3.0, (), np.float64),
    "row": spaces.Box(np.array([-1.0, 0.0]), np.array([1.0, 5.0]), dtype=np.float64),
    "unbounded": spaces.Box(-np.inf, np.inf, (2,), np.float64),
    "half": spaces.Box(0.0, np.inf, (2,), np.float64),
}


def gaussian(space: spaces.Box, seed: int = 3) -> GaussianNetwork:
    rng = np.random.default_rng(seed)
    network = GaussianNetwork.random((4, 8), space, rng)
    network.layers.weights[-1][:] = rng.standard_normal(network.layers.weights[-1].shape)
    return network


@pytest.mark.parametrize("space", BOXES.values(), ids=BOXES)
def test_actions_lie_in_their_space_and_say_what_was_drawn(space: spaces.Box) -> None:
    network = gaussian(space)
    rows = np.random.default_rng(1).standard_normal((500, 4))
    actions = network.act(rows, np.random.default_rng(2))
    assert actions.shape == (500, *space.shape)
    assert ((actions >= space.low) & (actions <= space.high)).all()
    out = network.layers.trace(rows)[-1]
    noise = np.exp(network.spread) * np.random.default_rng(2).standard_normal(out.shape)
    drawn = out + noise if space is not BOXES["half"] else np.maximum(out + noise, 0)
    np.testing.assert_allclose(network.drawn(actions), drawn, atol=1e-6)


def test_an_action_at_its_bound_was_drawn_far_out_but_not_infinitely() -> None:
    network = gaussian(BOXES["number"])
    assert np.isfinite(network.drawn(np.array([-1.0, 3.0]))).all()


@pytest.mark.parametrize("kind", ["discrete", *BOXES])
def test_gradients_of_policies_are_those_of_small_differences(kind: str) -> None:
    """Of the weighted sum of logarithms, less the entropy: the loss that PPO descends."""
    rng = np.random.default_rng(5)
    rows, push = rng.standard_normal((7, 4)), rng.standard_normal(7)
    network: Any = Network(Layers.random((4, 8, 3), rng, 1.0)) if kind == "discrete" else gaussian(BOXES[kind])
    drawn = network.drawn(network.act(rows, rng))

    def loss() -> float:
        out = network.layers.trace(rows)[-1]
        if kind == "discrete":
            logs = network.preferences(rows)
            entropy = -(np.exp(logs) * logs).sum()
        else:
            entropy = len(rows) * network.spread.sum()
        return float((network.logs(out, drawn) * push).sum() - 0.1 * entropy)

    found = network.gradients(network.layers.trace(rows), drawn, push, 0.1)
    assert [one.shape for one in found] == [one.shape for one in network.parameters]
    for weights, gradient in zip(network.parameters, found, strict=True):
        at = tuple(size // 2 for size in weights.shape)
        kept, ends = weights[at], []
        for step in (1e-6, -1e-6):
            weights[at] = kept + step
            ends.append(loss())
        weights[at] = kept
        assert gradient[at] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("space", BOXES.values(), ids=BOXES)
def test_a_network_of_numbers_is_kept_in_files(space: spaces.Box, tmp_path: Path) -> None:
    network, rng = gaussian(space), np.random.default_rng(0)
    network.save(tmp_path / "policy.npz")
    rows = rng.standard_normal((50, 4))
    wanted = network.greedy().act(rows, rng)
    assert np.array_equal(GaussianNetwork.read(tmp_path / "policy.npz").act(rows, rng), wanted)
    write_onnx(network, tmp_path / "policy.onnx")
    read = OnnxPolicy(tmp_path / "policy.onnx", space).act(rows, rng)
    assert read.shape == wanted.shape
    assert ((read >= space.low) & (read <= space.high)).all()
    np.testing.assert_allclose(read, wanted, atol=1e-4)


def test_a_file_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    gaussian(BOXES["row"]).save(tmp_path / "numbers.npz")
    Network(Layers.random((4, 2), np.random.default_rng(0), 1.0)).save(tmp_path / "choices.npz")
    with pytest.raises(BadFile, match=r"numbers\.npz"):
        Network.read(tmp_path / "numbers.npz")
    with pytest.raises(BadFile, match=r"choices\.npz"):
        GaussianNetwork.read(tmp_path / "choices.npz")


class Twohanded(Pawn):
    @sensor(Numbers(-1, 1))
    def light(self) -> float:
        return 0.0

    @effector(Numbers(-1, 1))
    def left(self, strength: float, dt: float) -> None: ...

    @effector(Numbers(-1, 1))
    def right(self, strength: float, dt: float) -> None: ...


def two_hands(seed: int) -> Environment:
    env = Environment(0.1, seed)
    env.spawn(Twohanded(name="pawn"))
    return env


def test_several_effectors_are_refused_by_the_trainer() -> None:
    task = Task(two_hands, "pawn", lambda pawn: 0.0, limit=5)
    with LocalShards(task, lanes=1) as shards, pytest.raises(BadTask, match="one effector"):
        PPO(shards)
