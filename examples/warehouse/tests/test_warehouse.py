"""What holds in the warehouse."""

from __future__ import annotations

from itertools import combinations
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fw_environment import Environment, History, Recorder, replay
from fw_environment.drawing import Frame
from warehouse.cli import main
from warehouse.floor import GRID, HOMES, Floor, Orders
from warehouse.picture import CELL, view
from warehouse.robot import Robot
from warehouse.world import make_world


def apart(env: Environment) -> float:
    """How near the two nearest robots are to each other."""
    places = [robot.place for robot in env.of(Robot)]
    return min(hypot(one[0] - other[0], one[1] - other[1]) for one, other in combinations(places, 2))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_orders_are_delivered_and_nobody_meets(seed: int) -> None:
    env = make_world(robots=8, every=2.0, seed=seed)
    nearest: list[float] = []
    env.watchers.append(lambda world: nearest.append(apart(world)))
    for _ in range(4):
        before = env.system(Orders).delivered
        env.run(env.time + 60)
        assert env.system(Orders).delivered > before, "they stand in each other's way"
        assert all(GRID.free(GRID.cell_at(robot.place)) for robot in env.of(Robot))
    assert min(nearest) >= 1 - 1e-9


def test_nothing_ordered_is_lost() -> None:
    env = make_world(robots=4, every=3.0)
    env.run(120)
    carried = sum(1 for robot in env.of(Robot) if robot.order is not None)
    given = round(env.time / 3.0)
    assert env.system(Orders).delivered + carried + len(env.system(Orders).waiting) == pytest.approx(given, abs=1)


def test_who_has_nothing_to_do_goes_home_and_who_is_low_is_charged() -> None:
    env = make_world(robots=3, every=1e9)
    for robot in env.of(Robot):
        robot.battery = 0.5
        env.system(Floor).owner[:] = 0
        robot.x, robot.y = GRID.centre((18 + robot.number, 0))
    env.system(Orders).until_next = 1e9
    env.run(40)
    assert [robot.place for robot in env.of(Robot)] == list(HOMES[:3])
    for robot in env.of(Robot):
        robot.battery = 0.1
    env.run(55)
    assert all(robot.battery > 0.9 for robot in env.of(Robot))


def test_a_run_is_replayed_and_rewound_in_the_middle_of_paths() -> None:
    """Trees, routes and running actions are part of the state."""
    env = make_world(seed=4)
    with Recorder(env) as recording:
        env.step(300)
    assert replay(make_world(seed=4), recording) is None
    history = History(env, every=20)
    env.step(100)
    later = env.hash()
    history.rewind(env.tick - 70)
    env.step(70)
    assert env.hash() == later


def test_the_picture_shows_robots_where_they_are() -> None:
    env = make_world(robots=2)
    frames: list[Frame] = []
    env.renderers.append(view(frames.append))
    env.step(30)
    before = env.hash()
    [frame] = frames
    assert frame.shape == (14 * CELL, 24 * CELL, 3)
    for robot in env.of(Robot):
        y, x = int(robot.y * CELL + 5), int(robot.x * CELL + 1)
        assert not np.array_equal(frame[y, x], frame[2, 2])
    assert env.hash() == before


def test_a_run_leaves_columns_and_a_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv, gif = tmp_path / "run.csv", tmp_path / "run.gif"
    assert main(["--seconds", "3", "--csv", str(csv), "--film", str(gif)]) == 0
    assert csv.read_text("utf-8").splitlines()[0] == "tick,time,delivered,waiting,driven"
    with Image.open(gif) as film:
        assert getattr(film, "n_frames", 1) > 3
    assert "delivered and " in capsys.readouterr().out


def test_there_are_not_more_robots_than_places() -> None:
    with pytest.raises(ValueError, match="9 robots were asked for; there are places for 0 to 8"):
        make_world(robots=9)
