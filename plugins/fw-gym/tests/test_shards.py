"""Shards give the same batches wherever they run."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import framework
import fw_environment
import fw_gym
from fw_gym import (
    PPO,
    Balance,
    Batch,
    Docking,
    LocalShards,
    ProcessShards,
    RandomPolicy,
    RayShards,
    ShardFailed,
    Shards,
)
from fw_testing.components import RAY


class Broken:
    """Acts in the process that made it only."""

    def act(self, observations: Any, rng: np.random.Generator) -> Any:
        if multiprocessing.parent_process() is None:
            return np.zeros(len(observations), int)
        raise ArithmeticError("no actions today")


@pytest.fixture(scope="module")
def local() -> Batch:
    with LocalShards(Balance(), shards=2, lanes=3, seed=4) as shards:
        assert shards.lanes == 6
        policy = RandomPolicy(shards.action_space)
        shards.rollout(policy, 20)
        return shards.rollout(policy, 20)


def test_a_batch_has_steps_and_lanes(local: Batch) -> None:
    assert local.observations.shape == local.following.shape == (20, 6, 4)
    assert local.actions.shape == local.rewards.shape == local.terminated.shape == (20, 6)
    ended = (local.terminated | local.truncated)[:-1]
    assert ended.any()
    assert np.array_equal(local.following[:-1][~ended], local.observations[1:][~ended])
    final = np.abs(local.following[:-1][ended])
    assert ((final[:, 0] > 2.4) | (final[:, 2] > 0.2095)).all(), "what follows an end is the end itself"


def test_lanes_do_not_depend_on_how_many_shards_there_are() -> None:
    def first(shards: int) -> Any:
        with LocalShards(Balance(), shards=shards, lanes=6 // shards, seed=4) as found:
            return found.rollout(Broken(), 5).observations

    assert np.array_equal(first(1), first(3))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessShards]:
    with ProcessShards(Balance(), shards=2, lanes=3, seed=4) as shards:
        yield shards


def test_processes_give_what_one_process_gives_and_their_death_is_told(local: Batch, processes: ProcessShards) -> None:
    policy = RandomPolicy(processes.action_space)
    processes.rollout(policy, 20)
    batch = processes.rollout(policy, 20)
    for field in fields(Batch):
        assert np.array_equal(getattr(batch, field.name), getattr(local, field.name)), field.name
    children = {child.pid for child in multiprocessing.active_children()}
    with pytest.raises(ShardFailed, match="Shard 0: ArithmeticError: no actions today") as failed:
        processes.rollout(Broken(), 5)
    assert failed.value.shard == 0
    assert "in act" in failed.value.__notes__[0]
    assert not children & {child.pid for child in multiprocessing.active_children()}, "all have ended"
    with pytest.raises(ShardFailed, match="Shard 0: It is closed"):
        processes.rollout(policy, 5)


def test_a_killed_process_is_told() -> None:
    with ProcessShards(Balance(), shards=1, lanes=2) as shards:
        [child] = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        with pytest.raises(ShardFailed, match="Shard 0: Its process has ended with -9"):
            shards.rollout(RandomPolicy(shards.action_space), 5)


def test_a_task_that_cannot_begin_is_told() -> None:
    with pytest.raises(ShardFailed, match=r"ZeroDivisionError"):
        ProcessShards(replace(Balance().task(), make=dividing), shards=1)
    assert multiprocessing.active_children() == []


def dividing(seed: int) -> Any:
    return 1 // 0


def test_a_trainer_learns_the_same_over_processes_as_in_one() -> None:
    def learned(shards: Shards) -> list[bytes]:
        with shards:
            trainer = PPO(shards, seed=2)
            trainer.learn(1500)
        return [weights.tobytes() for weights in trainer.network.parameters]

    alone = learned(LocalShards(Docking(), shards=2, lanes=4, seed=3))
    assert learned(ProcessShards(Docking(), shards=2, lanes=4, seed=3)) == alone


class FakeRay:
    """What `RayShards` uses of Ray, in this process; it notes what goes to actors and into the store."""

    class exceptions:  # noqa: N801 - a module of Ray
        RayError = RuntimeError

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.stored: list[Any] = []

    def remote(self, **options: Any) -> Any:
        def wrap(kind: type) -> Any:
            def make(*given: Any) -> Any:
                actor = kind(*given)

                def method(name: str) -> Any:
                    def call(*values: Any) -> Any:
                        self.calls.append(name)
                        return getattr(actor, name)(*values)

                    return SimpleNamespace(remote=call)

                return SimpleNamespace(spaces=method("spaces"), rollout=method("rollout"))

            return SimpleNamespace(remote=make)

        return wrap

    def put(self, value: Any) -> Any:
        self.stored.append(value)
        return value

    def get(self, value: Any) -> Any:
        return value

    def kill(self, actor: Any) -> None:
        self.calls.append("kill")


def test_on_ray_a_batch_costs_one_call_for_each_shard_whatever_the_steps(
    local: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fake of Ray counts; the real one is below."""
    fake = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", fake)
    with RayShards(Balance(), shards=2, lanes=3, seed=4) as shards:
        policy = RandomPolicy(shards.action_space)
        shards.rollout(policy, 20)
        batch = shards.rollout(policy, 20)
    assert fake.calls == ["spaces"] * 2 + ["rollout"] * 4 + ["kill"] * 2
    assert fake.stored == [policy, policy], "once for all shards"
    assert np.array_equal(batch.observations, local.observations)


@pytest.mark.needs("ray", "posix")
def test_actors_of_ray_give_what_one_process_gives_and_their_death_is_told(local: Batch) -> None:
    sources = os.pathsep.join(
        str(Path(str(package.__file__)).parents[1]) for package in (framework, fw_environment, fw_gym)
    )
    # Ray's sockets lie below this folder, and their paths must be short.
    home = Path(tempfile.mkdtemp(prefix="ray-"))
    try:
        own = {
            "HOME": str(home),
            "PYTHONPATH": sources,
            "RAY_AUTH_MODE": "disabled",
            "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # below `uv run`, Ray would start its workers by `uv run` as well
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        program = Path(__file__).with_name("on_ray.py")
        # What Ray starts stays in the group of its first process, and is ended with it.
        process = subprocess.Popen(
            [str(RAY.python), str(program), str(home)],
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, told = process.communicate(timeout=100)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.returncode == 0, told
        found = json.loads(out.splitlines()[-1])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert found["failed"].startswith("Shard 0: ")
    for field in fields(Batch):
        np.testing.assert_allclose(found["batch"][field.name], getattr(local, field.name), atol=1e-12)


def test_ray_is_imported_by_nobody_else() -> None:
    program = "import sys, fw_gym; fw_gym.RayShards, fw_gym.PPO, fw_gym.LocalShards; print('ray' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
