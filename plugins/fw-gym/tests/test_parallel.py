"""Several agents: what PettingZoo demands, and who takes part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from pettingzoo.utils.conversions import parallel_to_aec

from fw_gym import StrayAgents, as_parallel_env

from .checkers import api_test, parallel_api_test, parallel_seed_test
from .games import CHASE


def test_the_checkers_of_pettingzoo_are_content() -> None:
    parallel_api_test(as_parallel_env(CHASE), num_cycles=150)
    parallel_seed_test(lambda: as_parallel_env(CHASE), num_cycles=100)


@pytest.mark.filterwarnings("ignore:Observation is not NumPy array")
def test_turns_after_the_conversion_of_pettingzoo_are_right_as_well() -> None:
    api_test(parallel_to_aec(as_parallel_env(CHASE)), num_cycles=150)


def test_who_is_gone_or_done_is_no_agent_any_more() -> None:
    env = as_parallel_env(CHASE)
    seen, infos = env.reset(seed=2)
    assert list(seen) == list(infos) == env.agents == ["fox_0", "hare_0"]
    while True:
        seen, rewards, terminated, truncated, _ = env.step({"fox_0": 2, "hare_0": 1})
        if not env.agents:
            break
    assert terminated == {"fox_0": True, "hare_0": True}
    assert truncated == {"fox_0": False, "hare_0": False}
    assert rewards == {"fox_0": 1.0, "hare_0": 0.0}
    assert all(env.observation_space(name).contains(value) for name, value in seen.items())


def test_agents_that_stay_alone_go_on() -> None:
    env = as_parallel_env(replace(CHASE, done=lambda pawn: False))
    env.reset(seed=2)
    while "hare_0" in env.agents:
        env.step(dict.fromkeys(env.agents, 2) | {"hare_0": 1})
    assert env.agents == ["fox_0"]
    while True:
        *_, truncated, _ = env.step({"fox_0": 0})
        if not env.agents:
            break
    assert truncated == {"fox_0": True}
    assert env.world.tick == 60


def test_equal_seeds_give_equal_worlds_for_all() -> None:
    def hashes(seed: int) -> list[bytes]:
        env = as_parallel_env(CHASE)
        found = []
        env.reset(seed=seed)
        for _ in range(2):
            for _ in range(5):
                env.step(dict.fromkeys(env.agents, 0))
            found.append(env.world.hash())
            env.reset()
        return found

    assert hashes(1) == hashes(1)
    assert hashes(1) != hashes(2)


def test_actions_for_others_are_refused() -> None:
    env = as_parallel_env(CHASE)
    with pytest.raises(ResetNeeded):
        env.step({})
    env.reset(seed=1)
    with pytest.raises(StrayAgents, match=r"\['fox_0'\]; give one for each of \['fox_0', 'hare_0'\]"):
        env.step({"fox_0": 1})


def test_it_shows_pictures() -> None:
    env = as_parallel_env(CHASE, "rgb_array")
    env.reset()
    assert np.shape(env.render()) == (4, 5, 3)
