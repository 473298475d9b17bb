"""Lanes give what as many single worlds give, in all modes of beginning anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from fw_environment import OutOfSpace
from fw_gym import Balance, Docking, LanesEnv, Model, as_gym, as_vector_env

from .games import WALK

MODES = list(AutoresetMode)


def lanes_of(model: Model, count: int, mode: AutoresetMode = AutoresetMode.NEXT_STEP) -> LanesEnv:
    env = as_vector_env(model, count, autoreset_mode=mode)
    assert isinstance(env, LanesEnv)
    return env


def singles(model: Model, count: int, mode: AutoresetMode) -> SyncVectorEnv:
    return SyncVectorEnv([lambda: as_gym(model)] * count, autoreset_mode=mode)


def same(one: Any, other: Any) -> None:
    """Equal up to rounding: numpy's sine may differ from the C library's in the last bit."""
    assert one.dtype == other.dtype
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("model", [Balance(), Docking()], ids=["balance", "docking"])
def test_lanes_equal_single_worlds(model: Model, mode: AutoresetMode) -> None:
    lanes, worlds = lanes_of(model, 4, mode), singles(model, 4, mode)
    assert lanes.metadata["autoreset_mode"] is mode
    for space in ("observation_space", "action_space", "single_observation_space", "single_action_space"):
        assert getattr(lanes, space) == getattr(worlds, space)
    same(lanes.reset(seed=3)[0], worlds.reset(seed=3)[0])
    lanes.action_space.seed(1)
    ended = 0
    for _ in range(150):
        actions = lanes.action_space.sample()
        *ours, infos = lanes.step(actions)
        *theirs, wanted = worlds.step(actions)
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
        assert infos.keys() == wanted.keys()
        done = ours[2] | ours[3]
        if "final_obs" in infos:
            for one, other in zip(infos["final_obs"][done], wanted["final_obs"][done], strict=True):
                same(one, other)
            assert np.array_equal(infos["_final_obs"], wanted["_final_obs"])
        if mode is AutoresetMode.DISABLED and done.any():
            again = [env.reset(options={"reset_mask": done.copy()})[0] for env in (lanes, worlds)]
            same(*again)
        ended += int(done.sum())
    assert ended > 4


def test_lanes_that_have_ended_must_be_reset_where_nobody_else_does() -> None:
    env = lanes_of(Balance(), 2, AutoresetMode.DISABLED)
    with pytest.raises(ResetNeeded, match="nowhere"):
        env.step(np.array([1, 1]))
    env.reset(seed=1)
    while not any(env.step(np.array([1, 0]))[2]):
        pass
    with pytest.raises(ResetNeeded, match=r"Lanes \[[0, 1]+\] have ended"):
        env.step(np.array([1, 0]))


def test_some_lanes_may_begin_anew_with_seeds_of_their_own() -> None:
    env = lanes_of(Balance(), 3)
    first, _ = env.reset(seed=[5, 6, 7])
    env.step(np.array([1, 1, 1]))
    seen, _ = env.reset(seed=[None, 5, None], options={"reset_mask": np.array([False, True, False])})
    assert np.array_equal(seen[1], first[0])
    assert not np.array_equal(seen[0], first[0])
    worlds = singles(Balance(), 3, AutoresetMode.NEXT_STEP)
    worlds.reset(seed=[5, 6, 7])
    same(env.reset(seed=[5, 6, 7])[0], first)
    same(env.reset()[0], worlds.reset()[0])


def test_lanes_without_a_seed_differ() -> None:
    env = lanes_of(Balance(), 3)
    seen, _ = env.reset()
    assert len({tuple(row) for row in seen}) == 3


def test_what_does_not_fit_is_told() -> None:
    env = lanes_of(Balance(), 3)
    with pytest.raises(ValueError, match="2 seeds were given for 3 lanes"):
        env.reset(seed=[1, 2])
    with pytest.raises(ValueError, match="give 3 booleans"):
        env.reset(options={"reset_mask": np.array([True])})
    env.reset(seed=1)
    for actions in ([0, 1], [0, 1, 2], [0, 1, -1]):
        with pytest.raises(OutOfSpace, match="A step of 3 lanes"):
            env.step(np.array(actions))


def test_other_tasks_are_worlds_one_after_another() -> None:
    env = as_vector_env(WALK, 2, autoreset_mode="SameStep")
    assert isinstance(env, SyncVectorEnv)
    seen, _ = env.reset(seed=1)
    assert seen["place"].shape == (2,)
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
