"""One agent: what Gymnasium demands, and what a world promises."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from fw_environment import Action, Environment, OutOfSpace, Pawn, PolicyController, sensor
from fw_environment.spaces import Box
from fw_gym import BadTask, Balance, Docking, Model, Task, as_gym

from .games import CHASE, WALK, Walker, walk


def checked(env: gymnasium.Env[Any, Any]) -> None:
    with warnings.catch_warnings():
        # It says so of every environment that was not made by its name.
        warnings.filterwarnings("ignore", message=".*due to the environment not having a spec")
        check_env(env)


@pytest.mark.parametrize("task", [WALK, Balance(), Docking()], ids=["walk", "balance", "docking"])
def test_the_checker_of_gymnasium_is_content(task: Task | Model) -> None:
    checked(as_gym(task))


def test_the_checker_is_content_with_pictures() -> None:
    checked(as_gym(WALK, "rgb_array"))


@pytest.mark.parametrize("name", ["Balance", "Docking"])
def test_shipped_worlds_have_names(name: str) -> None:
    env = gymnasium.make(f"fw_gym.registered:fw/{name}-v0")
    check_env(env.unwrapped)
    lanes = gymnasium.make_vec(f"fw/{name}-v0", num_envs=3)
    assert lanes.reset(seed=1)[0].shape == (3, *(env.observation_space.shape or ()))
    lanes.close()
    env.close()


def test_spaces_come_from_sensors_and_effectors() -> None:
    env = as_gym(WALK)
    assert env.observation_space == spaces.Dict(
        {"place": spaces.Box(-100, 100, (), np.float64), "bells": spaces.Discrete(3)}
    )
    assert env.action_space == spaces.Dict({"stride": spaces.Box(-1, 1, (), np.float64), "ring": spaces.Discrete(2)})
    assert as_gym(Balance()).action_space == spaces.Discrete(2)
    assert as_gym(Balance()).observation_space == spaces.Box(-100, 100, (4,), np.float64)


def test_a_step_makes_the_frames_of_the_world_and_actions_last_as_long() -> None:
    env = as_gym(WALK)
    first, _ = env.reset(seed=3)
    seen, reward, terminated, truncated, info = env.step({"stride": np.float32(1.0), "ring": 1})
    assert env.world.tick == 2
    assert seen["place"] == pytest.approx(float(first["place"]) + 0.2)
    assert (reward, terminated, truncated, info) == (1.0, False, False, {})


def test_an_episode_is_terminated_by_its_goal_and_truncated_by_its_limit() -> None:
    env = as_gym(WALK)
    env.reset(seed=3)
    ends = [env.step({"stride": 1.0, "ring": 0})[2:4] for _ in range(25)]
    assert ends[-1] == (True, False)
    assert (False, False) in ends
    env.reset(seed=3)
    assert [env.step({"stride": 0.0, "ring": 0})[2:4] for _ in range(40)][-2:] == [(False, False), (False, True)]


def test_a_goal_that_is_reached_in_the_last_step_is_no_truncation() -> None:
    env = as_gym(replace(WALK, done=lambda pawn: pawn.env.tick == 2 * 5, limit=5))
    env.reset(seed=3)
    ends = [env.step({"stride": 0.0, "ring": 0})[2:4] for _ in range(5)]
    assert ends == [(False, False)] * 4 + [(True, False)]


def test_a_pawn_that_leaves_the_world_terminates_its_episode() -> None:
    env = as_gym(replace(WALK, done=lambda pawn: False))
    env.reset(seed=3)
    env.world.events.on("gone")(lambda world: world.despawn(world.find("walker")))
    env.world.events.after(0.1, "gone")
    seen, _, terminated, truncated, _ = env.step({"stride": 1.0, "ring": 0})
    assert (terminated, truncated) == (True, False)
    assert env.observation_space.contains(seen)


def test_equal_seeds_give_equal_worlds_bit_for_bit_also_after_the_first_episode() -> None:
    """A row of episodes: the hash of the world after each."""

    def hashes(seed: int) -> list[bytes]:
        env = as_gym(WALK)
        env.reset(seed=seed)
        found = []
        for _ in range(3):
            for number in range(5):
                env.step({"stride": 0.1 * number, "ring": 0})
            found.append(env.world.hash())
            env.reset()
        return found

    assert hashes(4) == hashes(4)
    assert len({*hashes(4), *hashes(5)}) == 6


def test_without_any_seed_worlds_differ() -> None:
    assert as_gym(WALK).reset()[0]["place"] != as_gym(WALK).reset()[0]["place"]


def test_an_episode_is_that_of_the_world_alone() -> None:
    env = as_gym(replace(WALK, frames=1))
    env.reset(seed=9)
    alone = walk(9)
    walker = alone.find("walker")
    assert isinstance(walker, Pawn)
    PolicyController(lambda seen: [Action("stride", 0.5, 0.1), Action("ring", 1, 0.1)]).possess(walker)
    for _ in range(10):
        env.step({"stride": 0.5, "ring": 1})
    alone.step(10)
    inside = env.world.find("walker")
    assert isinstance(walker, Walker)
    assert isinstance(inside, Walker)
    assert (inside.x, inside.rung) == (walker.x, walker.rung)


def test_observations_are_never_changed_afterwards() -> None:
    env = as_gym(Balance())
    first, _ = env.reset(seed=1)
    kept = first.copy()
    env.step(1)
    assert np.array_equal(first, kept)


def test_pictures_are_those_of_the_task() -> None:
    env = as_gym(WALK, "rgb_array")
    env.reset(seed=1)
    env.step({"stride": 0.0, "ring": 0})
    frame: Any = env.render()
    assert frame.shape == (4, 5, 3)
    assert frame[0, 0, 0] == 2
    assert as_gym(WALK).render() is None
    with pytest.raises(BadTask, match="cannot be rendered as 'human'"):
        as_gym(WALK, "human")


def test_what_cannot_be_is_told() -> None:
    env = as_gym(WALK)
    with pytest.raises(ResetNeeded):
        env.step({"stride": 0.0, "ring": 0})
    env.reset(seed=1)
    with pytest.raises(OutOfSpace, match="Effector 'stride'"):
        env.step({"stride": 2.0, "ring": 0})
    with pytest.raises(BadTask, match=r"fox_0, hare_0\..*as_parallel_env"):
        as_gym(CHASE)
    with pytest.raises(BadTask, match="limit is 0"):
        replace(WALK, limit=0)
    with pytest.raises(BadTask, match="no agents"):
        replace(WALK, agents=())


def test_a_pawn_without_effectors_is_refused() -> None:
    class Stone(Pawn):
        @sensor(Box(0, 1))
        def warmth(self) -> float:
            return 0.5

    def quarry(seed: int) -> Environment:
        env = Environment(0.1, seed)
        env.spawn(Stone(name="stone"))
        return env

    with pytest.raises(BadTask, match="Stone: It has no effector"):
        as_gym(Task(quarry, "stone", lambda pawn: 0.0))
