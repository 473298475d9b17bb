"""Policies possess pawns of worlds that know nothing of learning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from fw_environment import BotAgent, Environment, Pawn
from fw_gym import Balance, Network, OnnxPolicy, Policy, RandomPolicy, as_gym, controller, write_onnx
from fw_gym.layers import Layers

from .games import WALK, Walker, walk


def bodies(env: Environment) -> Pawn:
    [pawn] = env.of(Pawn)
    return pawn


def test_a_random_policy_walks_as_its_seed_says() -> None:
    def places(seed: int) -> list[float]:
        env = walk(1)
        controller(RandomPolicy(as_gym(WALK).action_space), Walker, seed=seed).possess(bodies(env))
        found = []
        for _ in range(20):
            env.step()
            found.append(bodies(env).x)
        return found

    assert places(1) == places(1)
    assert places(1) != places(2)


def test_a_function_decides_in_the_terms_of_gymnasium() -> None:
    seen: list[Any] = []

    def decide(observation: Any) -> Any:
        seen.append(observation)
        return {"stride": np.array(0.5), "ring": np.int64(1)}

    env = walk(1)
    BotAgent(env, bodies(env), controller(decide, Walker))
    before = bodies(env).x
    env.step(2)
    assert bodies(env).x == pytest.approx(before + 0.1)
    assert seen[1] == {"place": pytest.approx(before + 0.05), "bells": 1}
    assert as_gym(WALK).observation_space.contains(seen[0])


def network() -> Network:
    return Network(Layers.random((4, 8, 2), np.random.default_rng(3), 1.0))


def test_a_network_in_a_file_decides_as_the_network_does(tmp_path: Path) -> None:
    trained = network()
    write_onnx(trained, tmp_path / "policy.onnx")
    read = OnnxPolicy(tmp_path / "policy.onnx", spaces.Discrete(2))
    rng = np.random.default_rng(0)
    many = rng.standard_normal((200, 4))
    assert np.array_equal(read.act(many, rng), trained.greedy().act(many, rng))
    assert [path.name for path in tmp_path.iterdir()] == ["policy.onnx"]

    worlds = [Balance().world(5) for _ in range(2)]
    policies: list[Policy] = [read, trained.greedy()]
    for world, policy in zip(worlds, policies, strict=True):
        controller(policy, type(bodies(world))).possess(bodies(world))
        world.step(30)
    assert worlds[0].find("agent").values == worlds[1].find("agent").values  # type: ignore[attr-defined]  # a body


def test_a_network_that_gives_actions_is_taken_at_its_word(tmp_path: Path) -> None:
    write_onnx(network(), tmp_path / "policy.onnx")
    read = OnnxPolicy(tmp_path / "policy.onnx", spaces.Box(-1, 1, (2,)))
    assert read.act(np.zeros((3, 4)), np.random.default_rng(0)).shape == (3, 2)


def test_exploring_draws_actions_by_their_chances() -> None:
    layers = Layers([np.zeros((1, 2)), np.log([0.8, 0.2])])
    drawn = Network(layers).act(np.zeros((20_000, 1)), np.random.default_rng(1))
    assert 0.18 < drawn.mean() < 0.22
    assert Network(layers).greedy().act(np.zeros(3), np.random.default_rng(1)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "program,extra",
    [
        ("from fw_gym import OnnxPolicy; OnnxPolicy('x', None)", "onnx"),
        ("from fw_gym import write_onnx; write_onnx(None, 'x')", "onnx"),
        ("from fw_gym import as_parallel_env", "pettingzoo"),
        ("from fw_gym import RayShards; RayShards(None)", "ray"),
        ("import types; from fw_gym import Lanes; Lanes(None, 1, xp=types.ModuleType('torch'))", "torch"),
    ],
)
def test_an_extra_that_is_missing_is_named(program: str, extra: str) -> None:
    libraries = ("array_api_compat", "onnx", "onnxruntime", "pettingzoo", "ray")
    hidden = f"import sys; sys.modules.update(dict.fromkeys({libraries}, None)); "
    run = subprocess.run([sys.executable, "-c", hidden + program], capture_output=True, text=True, check=False)
    assert f"pip install 'fw-gym[{extra}]'" in run.stderr
