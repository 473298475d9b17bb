"""The same lanes on several array libraries, compiled and not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import array_api_strict
import jax
import numpy as np
import pytest
from jax import numpy as jnp

import framework
import fw_environment
import fw_gym
from fw_environment import Box, Space
from fw_gym import Balance, Docking, Lanes, LanesEnv, Model, as_gym
from fw_gym.seeds import INTS, Words
from fw_testing.components import TORCH


@dataclass(frozen=True)
class Raft(Model):
    """Two thrusters; sees one number."""

    dt: ClassVar[float] = 0.1
    limit: ClassVar[int] = 20
    draws: ClassVar[int] = 1
    observation: ClassVar[Box] = Box(-100, 100)
    action: ClassVar[Space] = Box(-1, 1, shape=2)

    def begin(self, xp: Any, noise: tuple[Any, ...]) -> tuple[Any, ...]:
        return (noise[0],)

    def advance(self, xp: Any, values: tuple[Any, ...], action: Any) -> tuple[Any, ...]:
        return (values[0] + self.dt * (action[0] + xp.tanh(action[1])),)

    def reward(self, xp: Any, values: tuple[Any, ...]) -> Any:
        return -xp.abs(values[0])

    def over(self, xp: Any, values: tuple[Any, ...]) -> Any:
        return values[0] > 2.0


MODELS = {"balance": Balance(), "docking": Docking(), "raft": Raft()}
PLACES: dict[str, tuple[Any, Callable[..., Any] | None]] = {
    "strict": (array_api_strict, None),
    "jax": (jnp, None),
    "jax compiled": (jnp, jax.jit),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("place", PLACES)
def test_every_library_gives_what_numpy_gives(model: Model, place: str) -> None:
    xp, compiled = PLACES[place]
    ours, other = Lanes(model, 6), Lanes(model, 6, xp=xp, compile=compiled)
    np.testing.assert_allclose(np.asarray(other.reset(7)), ours.reset(7), atol=1e-6)
    space = LanesEnv(model, 6).action_space
    space.seed(1)
    for _ in range(40):
        actions = space.sample()
        for one, wanted in zip(other.step(actions), ours.step(actions), strict=True):
            np.testing.assert_allclose(np.asarray(one), wanted, atol=1e-4)  # JAX has 32 bits
    assert ours.state is not None
    assert other.state is not None
    assert ours.state.episode.max() >= 1
    assert np.array_equal(np.asarray(other.state.episode), ours.state.episode)


def test_lanes_of_numbers_equal_single_worlds() -> None:
    lanes, env = LanesEnv(Raft(), 2), as_gym(Raft())
    seen, _ = lanes.reset(seed=4)
    assert seen.shape == (2,)
    assert env.reset(seed=5)[0] == seen[1]
    row = np.array([[0.5, -0.5], [0.25, 1.0]])
    assert env.step(row[1])[0] == pytest.approx(lanes.step(row)[0][1])


def test_a_state_is_a_snapshot() -> None:
    lanes = Lanes(Balance(), 8)
    lanes.reset(1)
    actions = np.arange(8) % 2
    lanes.step(actions)
    state = lanes.state
    first = [lanes.step(actions) for _ in range(40)][-1]
    lanes.state = state
    again = [lanes.step(actions) for _ in range(40)][-1]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


def test_an_accelerated_vector_env_is_one_of_gymnasium() -> None:
    env = LanesEnv(Balance(), 5, xp=jnp, compile=jax.jit)
    seen, _ = env.reset(seed=1)
    after, rewards, *_ = env.step(env.action_space.sample())
    assert isinstance(seen, np.ndarray)
    assert seen.dtype == after.dtype == np.float64
    assert rewards.tolist() == [1.0] * 5


SEEDS = [0, 1, 77, 2**31, 2**32 - 1]


def words_of_ints() -> list[list[int]]:
    """The seeds of five episodes and three random numbers of each, worked out one by one."""
    seeds = [INTS.episode_seed(seed, episode) for episode, seed in enumerate(SEEDS)]
    assert seeds[0] == 0
    return [seeds, *[list(column) for column in zip(*[INTS.noise(seed, 3) for seed in seeds], strict=True)]]


@pytest.mark.parametrize("xp", [np, array_api_strict, jnp], ids=lambda xp: xp.__name__)
def test_random_words_are_the_same_for_one_and_for_many(xp: ModuleType) -> None:
    """Without a sign in 32 bits, and, as torch has them, with one in 64."""
    with jax.enable_x64(True):
        for words, dtype in ((Words.of(xp), np.uint32), (Words(), np.int64)):
            seeds = xp.asarray(np.array(SEEDS, dtype))
            many = words.episode_seed(seeds, xp.asarray(np.arange(len(SEEDS), dtype=dtype)))
            found = [many, *words.noise(many, 3)]
            assert {np.asarray(array).dtype for array in found} == {np.dtype(dtype)}
            assert [np.asarray(array).tolist() for array in found] == words_of_ints()


def test_where_jax_has_64_bits_lanes_use_them() -> None:
    ours = Lanes(Balance(), 6)
    with jax.enable_x64(True):
        other = Lanes(Balance(), 6, xp=jnp, compile=jax.jit)
        np.testing.assert_allclose(np.asarray(other.reset(7)), ours.reset(7), atol=1e-15)  # compiled: adds in one go
        for step in range(60):
            actions = (np.arange(6) + step) % 2
            for one, wanted in zip(other.step(actions), ours.step(actions), strict=True):
                np.testing.assert_allclose(np.asarray(one), wanted, atol=1e-9)


@pytest.mark.needs("torch", "posix")
def test_torch_gives_what_numpy_gives() -> None:
    """In its own environment: the same bits of chance, the same trajectories up to 32 bits' rounding."""
    sources = [str(Path(str(package.__file__)).parents[1]) for package in (framework, fw_environment, fw_gym)]
    steps = 40
    done = subprocess.run(
        [str(TORCH.python), str(Path(__file__).with_name("on_torch.py")), json.dumps(SEEDS), str(steps)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sources)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["words"] == words_of_ints()
    for model in (Balance(), Docking()):
        lanes = Lanes(model, 6)
        first, outcomes, episode = found[type(model).__name__]
        np.testing.assert_allclose(first, lanes.reset(7), atol=1e-6)
        for step in range(steps):
            for one, wanted in zip(outcomes[step], lanes.step((np.arange(6) + step) % 2), strict=True):
                np.testing.assert_allclose(one, wanted, atol=1e-4)
        assert lanes.state is not None
        assert np.array_equal(episode, lanes.state.episode)
    assert found["env"] == ["ndarray", "float64", [1.0, 1.0, 1.0]]


def test_random_words_are_spread_evenly() -> None:
    words = Words(lambda number: np.asarray(number, dtype=np.uint32))
    first, second = (np.asarray(array) / 2**24 for array in words.noise(np.arange(100_000, dtype=np.uint32), 2))
    counts, _ = np.histogram(first, 20, (0, 1))
    assert abs(counts - 5000).max() < 350  # five standard deviations
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.02


def test_lanes_without_a_beginning_say_so() -> None:
    with pytest.raises(RuntimeError, match=r"call reset\(seeds\)"):
        Lanes(Balance(), 2).step([0, 1])
