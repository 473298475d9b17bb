"""Headless runs, progress, columns, sweeps, templates."""

from __future__ import annotations

import csv
import io
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fw_environment import (
    BadDeclaration,
    Collector,
    Environment,
    ProgressBar,
    RunFailed,
    StepFailed,
    sweep,
)

from .zoo import Bear, zoo


def test_a_run_ends_at_its_time_whatever_the_rounding() -> None:
    for dt, seconds, steps in ((0.1, 0.3, 3), (1 / 60, 10.0, 600), (0.7, 7.0, 10)):
        env = Environment(dt=dt)
        assert env.run(until=seconds) == steps
        assert env.run(until=seconds) == 0
        assert env.clock.pace == "manual"


def test_a_run_ends_when_its_condition_holds() -> None:
    env = zoo()
    assert env.run(until=lambda world: "birth" in world.events.handlers and world.tick >= 12) == 12
    assert env.find("cage/cub").alive


def test_a_run_beside_the_clock_makes_each_step_at_its_time_and_no_step_too_many() -> None:
    env = Environment(dt=0.01)
    assert env.run(until=0.1, realtime=5.0) == 10
    assert (env.clock.scale, env.clock.paused) == (1.0, False)


def test_progress_is_told_to_its_end() -> None:
    told: list[tuple[float, float | None]] = []
    Environment(dt=0.5).run(until=2.0, progress=lambda done, end: told.append((done, end)))
    assert told[-1] == (2.0, 2.0)


def test_a_progress_bar_writes_a_line_for_each_tenth() -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    for done in range(0, 101, 2):
        bar(float(done), 100.0)
    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("100 of 100 in ")


def test_a_progress_bar_on_a_terminal_is_one_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    bar = ProgressBar(out, width=4)
    bar(1.0, 2.0)
    bar(2.0, 2.0)
    assert out.getvalue().split("\r")[1].startswith("[##..] 1 of 2")
    assert out.getvalue().endswith("\x1b[K\n")


# -- columns


def measured() -> Collector:
    env = zoo()
    measures: dict[str, Any] = {
        "hunger": lambda world: sum(bear.hunger for bear in world.of(Bear)),
        "bears": lambda world: len(list(world.of(Bear))),
    }
    with Collector(env, measures, every=5) as collector:
        env.step(10)
    env.step(5)
    return collector


def test_columns_are_collected_and_written_as_csv(tmp_path: Path) -> None:
    collector = measured()
    assert collector.columns["tick"] == [0, 5, 10]
    collector.save(tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["hunger"]) for row in rows] == collector.columns["hunger"]
    assert [row["bears"] for row in rows] == ["3", "3", "3"]
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]


def test_columns_are_written_as_parquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    collector = measured()
    collector.save(tmp_path / "run.parquet")
    assert pq.read_table(tmp_path / "run.parquet").to_pydict() == collector.columns


def test_an_unknown_suffix_and_a_column_of_the_same_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDeclaration, match=r"The suffix '\.xls' is unknown"):
        measured().save(tmp_path / "run.xls")
    with pytest.raises(BadDeclaration, match=r"column 'tick'"):
        Collector(zoo(), {"tick": lambda world: 0})


def test_a_measure_that_raises_leaves_columns_of_equal_length() -> None:
    env = zoo()
    collector = Collector(env, {"good": lambda world: 1, "bad": lambda world: 1 / (3 - world.tick)})
    with pytest.raises(ZeroDivisionError), collector:
        env.step(5)
    assert {len(column) for column in collector.columns.values()} == {3}


# -- sweeps


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Functions at the top of a module that other processes can import."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return import_module("sweeps")


def test_a_sweep_gives_the_same_rows_in_one_process_and_in_two(importable: Any, tmp_path: Path) -> None:
    grid: dict[str, list[Any]] = {"speed": [1.0, 2.0], "bears": [1, 2]}
    told: list[tuple[float, float | None]] = []
    one = sweep(importable.graze, grid, seeds=[3, 4], processes=1)
    two = sweep(importable.graze, grid, seeds=[3, 4], processes=2, progress=lambda d, t: told.append((d, t)))
    assert len(one.rows) == 8
    assert [row["hash"] for row in one.rows] == [row["hash"] for row in two.rows]
    assert two.columns["speed"] == [1.0] * 4 + [2.0] * 4
    assert two.columns["seed"] == [3, 4] * 4
    assert len({row["process"] for row in two.rows} | {os.getpid()}) > 1
    assert told[-1][0] == 8
    two.save(tmp_path / "sweep.csv")
    assert (tmp_path / "sweep.csv").read_text().startswith("speed,bears,seed,hash,process\n")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_raises_is_told_with_its_parameters(importable: Any, processes: int) -> None:
    with pytest.raises(RunFailed, match=r"speed=2\.0, seed=0 raised ValueError: too fast"):
        sweep(importable.fail, {"speed": [1.0, 2.0, 3.0]}, processes=processes)


def test_a_process_that_dies_is_told(importable: Any) -> None:
    with pytest.raises(RunFailed, match=r"BrokenProcessPool"):
        sweep(importable.die, {"speed": [1.0, 2.0]}, processes=2)


def test_an_input_for_a_field_that_is_not_there_fails_the_step() -> None:
    env = zoo()
    env.inputs.set(2, "sped", 1.0)
    env.inputs.set(99, "speed", 1.0)
    with pytest.raises(StepFailed, match=r"phase input: an input raised UnknownField"):
        env.step()
