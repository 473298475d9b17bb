"""The templates give packages that install, pass their tests and build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

from fw_testing.conformance import CHECKS

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "cookiecutter" / "plugin"


def generate(folder: Path, **answers: str) -> Path:
    """The generated project; cookiecutter's own settings are kept out of the home folder."""
    settings = folder / "settings.yaml"
    settings.write_text(f"cookiecutters_dir: {folder}/templates\nreplay_dir: {folder}/replay\n")
    made = cookiecutter(
        str(PLUGIN), no_input=True, output_dir=str(folder), extra_context=answers, config_file=str(settings)
    )
    return Path(made)


def uv(*arguments: object, cwd: Path) -> str:
    program = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert program, "uv is part of the development environment; run `uv sync --all-packages`"
    done = subprocess.run(
        [program, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_generated_plugin_passes_its_own_tests_and_the_conformance_kit_where_it_is_installed(tmp_path: Path) -> None:
    project = generate(tmp_path, name="party-greeter", summary="Greets the guests of a party")
    parts = [
        option
        for part in (ROOT / "kernel", ROOT / "plugins" / "fw-testing", project)
        for option in ("--with-editable", part)  # what is built would be kept and used again, whatever changes here
    ]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    said = uv(
        *("run", "--quiet", "--isolated", "--no-project", "--python", python, *parts),
        *("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", project / "tests"),
        cwd=project,
    )
    assert f"{len(CHECKS) + 1} passed" in said


def test_a_generated_plugin_builds_a_wheel_with_manifest_and_types(tmp_path: Path) -> None:
    project = generate(tmp_path)
    uv("build", "--quiet", "--wheel", "--out-dir", tmp_path / "wheels", cwd=project)
    [wheel] = (tmp_path / "wheels").glob("fw_greeting-0.1.0-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"fw_greeting/plugin.toml", "fw_greeting/py.typed", "fw_greeting/plugin.py"} <= set(names)


@pytest.mark.parametrize(
    "check",
    [
        ["ruff", "check", "--isolated", "--line-length=120", "--select=B,D3,E,F,I,N,RUF,UP"],
        ["mypy", "--strict", "src"],
    ],
    ids=["ruff", "mypy"],
)
def test_a_generated_plugin_is_linted_and_typed(tmp_path: Path, check: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *check], cwd=generate(tmp_path), capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Greeting", "2fast", "a_b", "app", "lambda", "a--b", ""])
def test_a_name_that_cannot_work_is_refused(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FailedHookException):
        generate(tmp_path, name=name)
    assert repr(name) in capfd.readouterr().err
    assert not list(tmp_path.glob("fw-*"))
