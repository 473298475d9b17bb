"""The templates give packages that install, pass their tests and build."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

from fw_testing.conformance import CHECKS

ROOT = Path(__file__).resolve().parent.parent
SERVICE_STANDS_ON = ("config", "di", "http", "logging", "observability", "testing")


def generate(folder: Path, template: str = "plugin", **answers: str) -> Path:
    """The generated project; cookiecutter's own settings are kept out of the home folder."""
    settings = folder / "settings.yaml"
    settings.write_text(f"cookiecutters_dir: {folder}/templates\nreplay_dir: {folder}/replay\n")
    source = str(ROOT / "cookiecutter" / template)
    return Path(
        cookiecutter(source, no_input=True, output_dir=str(folder), extra_context=answers, config_file=str(settings))
    )


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


@dataclass(frozen=True)
class Installed:
    """A generated project in an environment of its own, not editable."""

    project: Path
    programs: Path

    def run(self, program: str, *arguments: object, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Exit status, and all that it wrote."""
        done = subprocess.run(
            [self.programs / program, *map(str, arguments)],
            cwd=self.project,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=110,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """One for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("service")
    project = generate(folder, "service", name="order-desk", summary="Takes orders")
    return installed(project, folder, SERVICE_STANDS_ON, ["import-linter", "pytest", "pytest-asyncio"])


def installed(project: Path, folder: Path, stands_on: Iterable[str], tools: list[str]) -> Installed:
    environment = folder / "environment"
    uv("venv", "--quiet", "--python", f"{sys.version_info.major}.{sys.version_info.minor}", environment, cwd=folder)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    below = [ROOT / "kernel", *(ROOT / "plugins" / f"fw-{name}" for name in stands_on)]
    parts = [option for part in below for option in ("--editable", part)]
    uv(
        *("pip", "install", "--quiet", "--python", environment, "--constraint", ROOT / "constraints.txt"),
        *(*tools, *parts, project),
        cwd=folder,
    )
    return Installed(project, programs)


def test_a_generated_service_passes_its_own_tests_where_it_is_installed(service: Installed) -> None:
    """Its layers are among what they check."""
    status, said = service.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert status == 0, said
    assert re.search(r"^\d+ passed", said, re.MULTILINE), said


@pytest.fixture
def served(service: Installed, tmp_path: Path) -> Iterator[str]:
    """The address of the installed service, run as its README says."""
    settings = {"FW_HTTP__PORT": "0", "FW_LOGGING__FORMAT": "json", "FW_STORAGE__FILE": str(tmp_path / "notes.db")}
    with subprocess.Popen(
        [service.programs / "fw", "run"],
        cwd=service.project,
        env={**os.environ, **settings},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stderr is not None
            said = [json.loads(running.stderr.readline())["message"] for _ in range(2)]
            assert "order-desk is ready" in said[1]
            yield said[0].rpartition(" ")[2]
            running.terminate()
            rest = running.stderr.read()
            assert (running.wait(30), "Traceback" in rest) == (0, False), rest
        finally:
            running.kill()


@pytest.mark.needs("posix")
def test_a_generated_service_is_served(served: str, tmp_path: Path) -> None:
    body = json.dumps({"text": "two spoons"}).encode()
    request = urllib.request.Request(f"{served}/notes", body, {"Content-Type": "application/json"})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        assert (answer.status, json.load(answer)) == (201, {"number": 1, "text": "two spoons"})
    with urllib.request.urlopen(f"{served}/health/ready", timeout=30) as answer:  # noqa: S310 - the same
        assert answer.status == 200
    with urllib.request.urlopen(f"{served}/metrics", timeout=30) as answer:  # noqa: S310 - the same
        assert b"notes_added_total 1.0" in answer.read()
    assert (tmp_path / "notes.db").is_file()


@pytest.mark.parametrize(
    "file, line, contract",
    [
        ("domain/note.py", "import framework", "The domain is plain Python"),
        ("application/handlers.py", "import fw_http", "The application knows neither HTTP nor storage"),
        ("application/handlers.py", "import order_desk.infrastructure.storage", "Layers"),
        ("presentation/routes.py", "import order_desk.infrastructure.storage", "Layers"),
    ],
)
def test_what_breaks_the_layers_of_a_generated_service_is_found(
    service: Installed, tmp_path: Path, file: str, line: str, contract: str
) -> None:
    project = generate(tmp_path, "service", name="order-desk")
    broken = project / "src" / "order_desk" / file
    broken.write_text(f"{broken.read_text('utf-8')}\n\n{line}\n", "utf-8")
    status, said = Installed(project, service.programs).run(
        "lint-imports", "--no-cache", environment={"PYTHONPATH": str(project / "src")}
    )
    assert status == 1, said
    assert re.search(rf"^{contract}.* BROKEN$", said, re.MULTILINE), said


@pytest.mark.parametrize("name", ["order-desk", "a"])
def test_a_generated_service_is_linted_and_typed(tmp_path: Path, name: str) -> None:
    """Types are checked for one name: they do not depend on it, as the order of imports does."""
    check_project(generate(tmp_path, "service", name=name), types=name != "a")


def check_project(project: Path, *, types: bool) -> None:
    for check in [["ruff", "check"], ["ruff", "format", "--check"], *([["mypy"]] if types else [])]:
        done = subprocess.run(
            [sys.executable, "-m", *check], cwd=project, capture_output=True, text=True, timeout=110, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A generated simulation in an environment of its own, not editable."""
    folder = tmp_path_factory.mktemp("simulation")
    project = generate(folder, "simulation", name="wide-meadow", summary="Sheep on a wide meadow")
    return installed(project, folder, ["environment"], ["pytest", "pytest-asyncio"])


def test_a_generated_simulation_passes_its_own_tests_where_it_is_installed(simulation: Installed) -> None:
    """Replay bit for bit, film, columns and sweep are among them."""
    status, said = simulation.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert status == 0, said
    assert re.search(r"^\d+ passed", said, re.MULTILINE), said


@pytest.mark.needs("posix")
def test_a_generated_simulation_runs_alone_and_in_an_application(simulation: Installed, tmp_path: Path) -> None:
    asked = ("--seconds", "2", "--sheep", "3", "--csv", tmp_path / "run.csv", "--film", tmp_path / "run.gif")
    status, said = simulation.run("wide-meadow", *asked)
    assert status == 0, said
    assert "3 sheep, grass 0." in said
    assert len((tmp_path / "run.csv").read_text("utf-8").splitlines()) == 4
    assert (tmp_path / "run.gif").read_bytes().startswith(b"GIF89a")
    with subprocess.Popen(
        [simulation.programs / "fw", "run"], cwd=simulation.project, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stderr is not None
            assert "wide-meadow is ready" in running.stderr.readline()
            running.terminate()
            rest = running.stderr.read()
            assert (running.wait(30), "Traceback" in rest) == (0, False), rest
        finally:
            running.kill()


@pytest.mark.parametrize("name", ["wide-meadow", "a"])
def test_a_generated_simulation_is_linted_and_typed(tmp_path: Path, name: str) -> None:
    """As for services: types are checked for one name."""
    check_project(generate(tmp_path, "simulation", name=name), types=name != "a")


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


@pytest.mark.parametrize("name", ["Orders", "2fast", "a_b", "lambda", "json", "framework", "fw-http"])
def test_a_name_that_no_service_can_have_is_refused(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(tmp_path.iterdir())
    with pytest.raises(FailedHookException):
        generate(tmp_path, "service", name=name)
    assert repr(name.replace("-", "_")) in capfd.readouterr().err.replace("-", "_")
    assert {path.name for path in set(tmp_path.iterdir()) - before} <= {"settings.yaml", "templates", "replay"}
