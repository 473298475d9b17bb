"""What somebody does with a pawn becomes data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fw_environment import Action, BadFile, PlayerController
from fw_gym import Balance, Demonstration, as_gym, controller, read_demonstration

from .games import WALK, Walker, walk


def test_a_person_is_recorded_step_by_step(tmp_path: Path) -> None:
    env = walk(1)
    walker = env.find("walker")
    assert isinstance(walker, Walker)
    first = walker.x
    player = PlayerController().possess(walker)
    demonstration = Demonstration(Walker)
    with demonstration.of(walker):
        env.step()  # nothing is done
        player.send(Action("stride", 0.5, duration=0.3))
        env.step()  # the bell rests
        player.send(Action("ring", 1))
        env.step()
        player.send(Action("ring", 0))
        env.step()
    env.step()
    demonstration.save(tmp_path / "walk.npz")
    columns = read_demonstration(tmp_path / "walk.npz")
    assert columns["action/ring"].tolist() == [1, 0]
    assert columns["action/stride"].tolist() == [0.5, 0.5]
    assert columns["observation/bells"].tolist() == [0, 1]
    np.testing.assert_allclose(columns["observation/place"], [first + 0.05, first + 0.1])
    assert columns["last"].tolist() == [False, True]
    space = as_gym(WALK).action_space
    assert all(space.contains(example.action) for example in demonstration.examples)


def test_a_policy_is_recorded_as_well_and_each_recording_has_an_end() -> None:
    env = Balance().world(2)
    pawn = env.find("agent")
    kind = type(pawn)
    controller(lambda seen: int(seen[2] > 0), kind).possess(pawn)  # type: ignore[arg-type]  # the agent is a pawn
    demonstration = Demonstration(kind)  # type: ignore[arg-type]
    for _ in range(2):
        with demonstration.of(pawn):  # type: ignore[arg-type]
            env.step(10)
    columns = demonstration.arrays()
    assert columns["observation"].shape == (20, 4)
    assert columns["action"].tolist() == [int(row[2] > 0) for row in columns["observation"]]
    assert np.flatnonzero(columns["last"]).tolist() == [9, 19]
    assert env.watchers == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk.npz").write_bytes(b"no arrays at all")
    with pytest.raises(BadFile, match=r"walk\.npz"):
        read_demonstration(tmp_path / "walk.npz")


def test_nobody_is_recorded_by_nobody() -> None:
    with pytest.raises(RuntimeError, match="No pawn"), Demonstration(Walker):
        pass
