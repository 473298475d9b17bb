"""`python -m fw_testing services`, run as a program; programs on PATH are small scripts made here."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fw_testing.components import PUBLIC_WORKER, RAY, REQUIREMENTS, TORCH, Inventory
from fw_testing.requirement import Requirement, libraries, on_path
from fw_testing.services import complete

pytestmark = pytest.mark.needs("posix")


class Machine:
    """A machine with just the programs put on its PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sdk = folder / PUBLIC_WORKER.folder.name
        for environment in (self.sdk, folder / RAY.folder.name, folder / TORCH.folder.name):
            environment.mkdir()
            (environment / "complete").touch()

    def add(self, program: str, script: str) -> Path:
        path = self.folder / program
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def run_by(self, user: int) -> dict[str, str]:
        """Variables that make a program believe to be run by that user: apt-get is a stand-in, and needs no rights."""
        code = f"import os\nos.geteuid = lambda: {user}\n"
        (self.folder / "sitecustomize.py").write_text(code, encoding="utf-8")
        return {"PYTHONPATH": str(self.folder)}

    def services(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fw_testing", "services", *arguments]
        env = {"PATH": str(self.folder), "FW_TESTING_CACHE": str(self.folder), **variables}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_each_component_has_a_line_with_its_path_and_version(machine: Machine) -> None:
    git = machine.add("git", "echo git version 2.39.5")
    done = machine.services()
    assert done.returncode == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert f"git real ({git}, 2.39.5)" in lines
    assert "curl ABSENT - install with: apt-get install curl (elsewhere: brew install curl)" in lines


def test_a_program_that_does_not_run_is_absent(machine: Machine) -> None:
    machine.add("git", "exit 1")
    assert "git ABSENT" in " ".join(machine.services().stdout.split())


def test_json_is_a_list_of_objects(machine: Machine) -> None:
    git = machine.add("git", "echo git version 2.39.5")
    rows = {row["name"]: row for row in json.loads(machine.services("--json").stdout)}
    assert rows["git"]["where"] == str(git)
    assert rows["git"]["version"] == "2.39.5"
    assert rows["curl"]["where"] is None
    assert "apt-get install curl" in rows["curl"]["remedy"]


def test_fw_require_turns_an_absence_into_exit_code_3(machine: Machine) -> None:
    machine.add("git", "echo git version 2.39.5")
    assert machine.services(FW_REQUIRE="git").returncode == 0
    done = machine.services(FW_REQUIRE="all")
    assert done.returncode == 3
    assert "curl: install with: apt-get install curl" in done.stderr
    assert machine.services(FW_REQUIRE="crul").returncode == 3


def test_apt_where_there_is_none_is_a_plain_error(machine: Machine) -> None:
    done = machine.services("--apt")
    assert done.returncode == 1
    assert "there is no apt-get on this machine" in done.stderr
    assert machine.services(CI="true").returncode == 0


def test_apt_installs_what_is_missing_with_one_call(machine: Machine) -> None:
    for program in ("git", "chromium", "node", "tesseract", "Xvfb"):
        machine.add(program, f"echo {program} version 2.39.5")
    # The stand-in for apt-get notes its calls and "installs" curl.
    curl = machine.folder / "curl"
    script = f'echo "$@" >> {machine.folder}/calls\necho "#!/bin/sh\necho curl 8.1.2" > {curl}\n/bin/chmod +x {curl}'
    machine.add("apt-get", script)
    root = machine.run_by(0)
    done = machine.services("--apt", "--json", **root)
    assert done.returncode == 0, done.stderr
    calls = (machine.folder / "calls").read_text(encoding="utf-8").splitlines()
    # Shared libraries are looked for where the system keeps them, so this machine decides whether they are there.
    qt = REQUIREMENTS["qt-libraries"]
    lacking = [] if qt.finder() else [qt.apt]
    assert calls == ["update", " ".join(["install -y --no-install-recommends curl", *lacking])]
    assert {row["name"]: row["version"] for row in json.loads(done.stdout)}["curl"] == "8.1.2"
    machine.services("--apt", **root)
    assert "curl" not in (machine.folder / "calls").read_text(encoding="utf-8").splitlines()[2:]


def test_a_component_may_need_several_packages(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.add("apt-get", f'for word in "$@"; do echo "$word" >> {machine.folder}/words; done')
    monkeypatch.setenv("PATH", str(machine.folder))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    complete(Inventory({"pair": Requirement("pair", lambda: None, apt="one two", hint="")}), asked=True)
    words = (machine.folder / "words").read_text(encoding="utf-8").split()
    assert words == ["update", "install", "-y", "--no-install-recommends", "one", "two"]


def test_what_comes_from_no_apt_is_installed_beside_it(machine: Machine) -> None:
    for program in ("git", "chromium", "node", "curl", "tesseract", "Xvfb"):
        machine.add(program, f"echo {program} version 2.39.5")
    machine.add("uv", f'echo "$@" >> {machine.folder}/calls')
    (machine.sdk / "complete").unlink()
    assert "avtomatika-worker  ABSENT - install with: python -m fw_testing services --apt" in machine.services().stdout
    (machine.folder / "apt-get").unlink(missing_ok=True)
    done = machine.services("--apt")
    assert done.returncode == 1, "uv made no folder, so there is nothing to mark as complete"
    machine.add("uv", f'echo "$@" >> {machine.folder}/calls\n/bin/mkdir -p {machine.sdk}')
    done = machine.services("--apt", "--json")
    assert done.returncode == 0, done.stderr
    found = {row["name"]: row["version"] for row in json.loads(done.stdout)}
    assert found["avtomatika-worker"] == PUBLIC_WORKER.version
    last = (machine.folder / "calls").read_text(encoding="utf-8").splitlines()[-1]
    assert last.endswith(f"{machine.sdk}/bin/python avtomatika-worker=={PUBLIC_WORKER.version}")


def test_folders_of_wheels_that_pip_knows_are_known_to_uv_as_well(machine: Machine) -> None:
    for program in ("git", "chromium", "node", "curl", "tesseract", "Xvfb"):
        machine.add(program, f"echo {program} version 2.39.5")
    machine.add("uv", f'echo "$@" >> {machine.folder}/calls\n/bin/mkdir -p {machine.sdk}')
    (machine.sdk / "complete").unlink()
    machine.services("--apt", PIP_FIND_LINKS="/wheels /more")
    last = (machine.folder / "calls").read_text(encoding="utf-8").splitlines()[-1]
    assert "--find-links=/wheels --find-links=/more avtomatika-worker==" in last


def test_what_is_optional_is_demanded_by_its_name_alone(machine: Machine) -> None:
    """And where it cannot be installed, the others are all the same."""
    for program in ("git", "chromium", "node", "curl", "tesseract", "Xvfb"):
        machine.add(program, f"echo {program} version 2.39.5")
    machine.add("uv", "exit 3")
    (machine.folder / TORCH.folder.name / "complete").unlink()
    done = machine.services("--apt")
    assert done.returncode == 0, done.stderr
    assert "torch could not be installed, and is left out: Command" in done.stderr
    assert "torch              ABSENT - put the wheel" in done.stdout
    inventory = Inventory({name: replace(one, finder=lambda: None) for name, one in REQUIREMENTS.items()})
    assert inventory.demanded("all") == REQUIREMENTS.keys() - {"torch"}
    assert inventory.demanded("all,torch") == REQUIREMENTS.keys()
    assert inventory.demanded("torch") == {"torch"}


def test_what_cannot_be_installed_is_told(machine: Machine) -> None:
    machine.add("uv", "exit 3")
    (machine.sdk / "complete").unlink()
    for program in ("git", "chromium", "node", "curl", "tesseract", "Xvfb"):
        machine.add(program, f"echo {program} version 2.39.5")
    done = machine.services("--apt")
    assert done.returncode == 1
    assert "avtomatika-worker: Command" in done.stderr


def test_apt_without_root_is_refused_only_when_it_was_asked_for(machine: Machine) -> None:
    machine.add("apt-get", f"touch {machine.folder}/called")
    user = machine.run_by(1000)
    done = machine.services("--apt", **user)
    assert done.returncode == 1
    assert "apt-get needs root" in done.stderr
    assert machine.services(CI="true", **user).returncode == 0
    assert not (machine.folder / "called").exists()


def test_a_failing_apt_is_reported(machine: Machine) -> None:
    machine.add("apt-get", "exit 100")
    done = machine.services("--apt", **machine.run_by(0))
    assert done.returncode == 1
    assert "`apt-get update` ended with exit code 100" in done.stderr


def test_a_finder_reads_a_version_from_either_stream(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.add("tool", "echo 'tool v3.4 (build 7)' >&2")
    monkeypatch.setenv("PATH", str(machine.folder))
    found = on_path("tool", "--version")()
    assert found is not None
    assert found.version == "3.4"
    assert on_path("no-such-tool")() is None


def test_libraries_are_there_if_all_of_them_are() -> None:
    assert libraries("no-such-library-at-all")() is None
    assert libraries("c", "no-such-library-at-all")() is None


def test_a_library_of_the_system_is_found() -> None:
    found = libraries("c")()
    assert found is not None
    assert "libc" in found.where


def test_a_fact_of_the_platform_has_no_package_to_install() -> None:
    fact = Requirement("desktop", lambda: None, apt="", hint="run on a machine with a screen")
    assert fact.remedy == "run on a machine with a screen"
