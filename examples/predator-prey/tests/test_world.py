"""What holds among hares and foxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fw_environment import Recorder, replay
from predator_prey.animals import Foxes, Hares, paired
from predator_prey.cli import main
from predator_prey.land import SIDE
from predator_prey.world import MEASURES, make_world


def test_ten_thousand_live_on_together() -> None:
    env = make_world()
    assert env.system(Hares).rows + env.system(Foxes).rows == 10_000
    env.run(100)
    counts = {name: measure(env) for name, measure in MEASURES.items()}
    assert counts["hares"] > 3000
    assert counts["foxes"] > 500
    assert 0.1 < counts["grass"] < 0.9
    for animals in (env.system(Hares), env.system(Foxes)):
        assert animals.energy.min() >= 0
        assert 0 <= animals.cells.min() <= animals.cells.max() < SIDE * SIDE


def test_foxes_without_hares_starve_and_hares_without_foxes_thrive() -> None:
    alone = make_world(hares=0, foxes=500)
    alone.run(60)
    assert alone.system(Foxes).rows == 0
    safe = make_world(hares=1000, foxes=0)
    safe.run(60)
    assert safe.system(Hares).rows > 2000


def test_a_year_is_repeated_bit_for_bit() -> None:
    env = make_world(hares=500, foxes=200, seed=5)
    with Recorder(env) as recording:
        env.step(40)
    assert replay(make_world(hares=500, foxes=200, seed=5), recording) is None
    assert make_world(seed=1).hash() != make_world(seed=2).hash()


@pytest.mark.parametrize("seed", range(20))
def test_everyone_is_paired_once_and_in_one_cell(seed: int) -> None:
    chance = np.random.default_rng(seed)
    foxes, hares = chance.integers(0, 12, 30), chance.integers(0, 12, 40)
    ones, others = paired(foxes, hares)
    assert np.array_equal(foxes[ones], hares[others])
    assert len(set(ones.tolist())) == len(set(others.tolist())) == len(ones)
    most = [min(np.count_nonzero(foxes == cell), np.count_nonzero(hares == cell)) for cell in range(12)]
    assert len(ones) == sum(most)


def test_a_run_leaves_columns_curves_and_a_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: tmp_path / f"run.{name}" for name in ("csv", "png", "gif")}
    asked = ["--days", "6", "--hares", "600", "--foxes", "200"]
    asked += ["--csv", str(files["csv"]), "--curves", str(files["png"]), "--film", str(files["gif"])]
    assert main(asked) == 0
    rows = files["csv"].read_text("utf-8").splitlines()
    assert rows[:2] == ["tick,time,hares,foxes,grass", "0,0.0,600,200," + rows[1].split(",")[-1]]
    assert len(rows) == 8
    with Image.open(files["png"]) as curves, Image.open(files["gif"]) as film:
        assert len(curves.convert("RGB").getcolors() or []) == 4
        assert (film.size, getattr(film, "n_frames", 1)) == ((240, 240), 6)
    said = capsys.readouterr()
    assert "foxes after 6 days, grass on " in said.out
    assert "6 of 6 in " in said.err
