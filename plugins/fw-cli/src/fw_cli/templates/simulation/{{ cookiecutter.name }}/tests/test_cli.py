"""What the command line writes."""

from pathlib import Path

import pytest

from {{ cookiecutter.package }}.cli import main


def test_one_run_leaves_columns_and_a_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv, film = tmp_path / "run.csv", tmp_path / "run.gif"
    assert main(["--seconds", "4", "--sheep", "5", "--csv", str(csv), "--film", str(film)]) == 0
    rows = csv.read_text("utf-8").splitlines()
    assert rows[0] == "tick,time,sheep,grass"
    assert [row.split(",")[0] for row in rows[1:]] == ["0", "20", "40", "60", "80"]
    assert film.read_bytes().startswith(b"GIF89a")
    assert capsys.readouterr().out.startswith("5 sheep, grass ")


def test_a_sweep_has_a_row_for_each_run(tmp_path: Path) -> None:
    csv = tmp_path / "sweep.csv"
    assert main(["--seconds", "1", "--sheep", "2", "--sheep", "3", "--runs", "2", "--csv", str(csv)]) == 0
    rows = [row.split(",") for row in csv.read_text("utf-8").splitlines()]
    assert rows[0] == ["sheep", "seconds", "seed", "sheep_left", "grass"]
    assert [(row[0], row[2]) for row in rows[1:]] == [("2", "0"), ("2", "1"), ("3", "0"), ("3", "1")]
