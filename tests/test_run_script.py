"""What run.py itself does: the private environment, what it passes on, and its words when something is missing.

It runs as a program in a copy of the repository's root. Pip and venv are real; the uv they install is a small script
in a real wheel, which notes how it was called: so no test needs a network.
"""

import base64
import hashlib
import os
import signal
import stat
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = "9.9.9"
# Notes folder and arguments of each call; `sync` and `run` end with the exit codes put into files beside the notes.
FAKE_UV = f"""#!/bin/sh
if [ "$1" = --version ]; then echo "uv {VERSION} (a stand-in)"; exit 0; fi
echo "$PWD|$*|$UV_PYTHON_DOWNLOADS|$VIRTUAL_ENV" >> "$NOTES/calls"
if [ "$1" = run ] && [ -e "$NOTES/wait" ]; then echo running; exec /bin/sleep 60; fi
exit "$(cat "$NOTES/$1" 2>/dev/null || echo 0)"
"""

pytestmark = pytest.mark.needs("posix")


def wheel_of_fake_uv(folder: Path) -> None:
    """A wheel named uv whose only content is the script above."""
    files = {
        f"uv-{VERSION}.data/scripts/uv": FAKE_UV,
        f"uv-{VERSION}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: uv\nVersion: {VERSION}\n",
        f"uv-{VERSION}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(text.encode())}")
    record = f"uv-{VERSION}.dist-info/RECORD"
    with zipfile.ZipFile(folder / f"uv-{VERSION}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, record: "\n".join([*rows, f"{record},,"])}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            wheel.writestr(entry, text)


class Copy:
    """A root with run.py and a pyproject.toml that pins the stand-in for uv."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.notes = folder / "notes"
        wheels = folder / "wheels"
        for path in (self.root, self.notes, wheels):
            path.mkdir()
        wheel_of_fake_uv(wheels)
        (self.root / "run.py").write_bytes((ROOT / "run.py").read_bytes())
        (self.root / "pyproject.toml").write_text(
            f'[tool.uv]\nconstraint-dependencies = [\n    "uv=={VERSION}",\n]\n', encoding="utf-8"
        )
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "VIRTUAL_ENV", "CI"))}
        self.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "NOTES": str(self.notes)}
        self.env["PIP_CONFIG_FILE"] = os.devnull

    @property
    def uv(self) -> Path:
        return self.root / ".boot" / "bin" / "uv"

    def place_uv(self) -> None:
        """Puts the stand-in where an earlier run would have left it."""
        self.uv.parent.mkdir(parents=True)
        self.uv.write_text(FAKE_UV, encoding="utf-8")
        self.uv.chmod(0o755)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "run.py"), *arguments]

    def run(self, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=cwd or self.root,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def at_start_of_python(self, code: str) -> str:
        """A folder for PYTHONPATH that makes every interpreter run `code` first."""
        folder = self.root / "start"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
        return str(folder)

    def calls(self) -> list[list[str]]:
        """For each call of uv: working folder, arguments, UV_PYTHON_DOWNLOADS, VIRTUAL_ENV."""
        return [line.split("|") for line in (self.notes / "calls").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path.resolve())


def test_help_tells_both_commands(copy: Copy) -> None:
    done = copy.run("--help")
    assert done.returncode == 0
    assert "run.py demo [FOLDER]" in done.stdout
    assert "run.py test [--apt]" in done.stdout


def test_no_command_prints_the_help_and_fails(copy: Copy) -> None:
    done = copy.run()
    assert done.returncode == 2
    assert "run.py demo" in done.stdout


def test_an_unknown_command_is_named_with_what_there_is(copy: Copy) -> None:
    done = copy.run("dmeo")
    assert done.returncode == 2
    assert "unknown command 'dmeo'; there are: demo, test" in done.stderr
    assert not (copy.root / ".boot").exists()


def test_the_first_run_installs_uv_into_a_private_environment(copy: Copy) -> None:
    done = copy.run("demo")
    assert done.returncode == 0, done.stderr
    assert copy.uv.is_file()
    assert "[1/3] preparing a private environment in .boot ..." in done.stdout
    assert done.stderr == ""


def test_a_half_made_environment_is_made_anew(copy: Copy) -> None:
    copy.uv.parent.mkdir(parents=True)
    copy.uv.write_text("cut off", encoding="utf-8")
    leftover = copy.root / ".boot" / "leftover"
    leftover.touch()
    assert copy.run("demo").returncode == 0
    assert not leftover.exists()


def test_another_version_of_uv_is_replaced(copy: Copy) -> None:
    copy.place_uv()
    copy.uv.write_text(FAKE_UV.replace(VERSION, "1.0.0"), encoding="utf-8")
    assert copy.run("demo").returncode == 0
    assert VERSION in copy.uv.read_text(encoding="utf-8")


def test_a_working_uv_is_kept(copy: Copy) -> None:
    copy.place_uv()
    before = copy.uv.stat().st_mtime_ns
    assert copy.run("demo").returncode == 0
    assert copy.uv.stat().st_mtime_ns == before


def test_without_the_venv_module_uv_is_installed_all_the_same(copy: Copy) -> None:
    hide = """
import importlib.util as u
find = u.find_spec
u.find_spec = lambda name, package=None: None if name == "venv" else find(name, package)
"""
    done = copy.run("demo", PYTHONPATH=copy.at_start_of_python(hide))
    assert done.returncode == 0, done.stderr
    assert copy.uv.is_file()


def test_a_failing_pip_is_explained(copy: Copy) -> None:
    done = copy.run("demo", PIP_FIND_LINKS=str(copy.notes))
    assert done.returncode == 1
    assert "Failed: preparing a private environment" in done.stderr
    assert f"pip could not install uv {VERSION}" in done.stderr
    assert "No matching distribution found" in done.stderr
    assert "fix: Check the network" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_pip_is_explained(copy: Copy) -> None:
    # As on Debian without python3-pip and python3-venv: the interpreter has no pip and cannot bring one.
    lonely = copy.root / "lonely"
    venv.create(lonely, with_pip=False)
    start = """
import subprocess, sys, venv
sys._base_executable = sys.executable
def create(folder, with_pip=False):
    raise subprocess.CalledProcessError(1, "ensurepip")
venv.create = create
"""
    command = [str(lonely / "bin" / "python"), str(copy.root / "run.py"), "demo"]
    env = {**copy.env, "PYTHONPATH": copy.at_start_of_python(start), "PATH": str(lonely)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "has no pip" in done.stderr
    assert "apt-get install python3-pip" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_explained(copy: Copy) -> None:
    (copy.root / ".boot").write_text("a file is in the way", encoding="utf-8")
    done = copy.run("demo")
    assert done.returncode == 1
    assert "Failed: preparing a private environment" in done.stderr
    assert "fix: make the folder writable" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_pin_is_explained(copy: Copy) -> None:
    (copy.root / "pyproject.toml").write_text("", encoding="utf-8")
    done = copy.run("demo")
    assert done.returncode == 1
    assert "pyproject.toml has no pin `uv==...`" in done.stderr


def test_demo_gets_its_arguments_in_the_folder_where_the_user_stands(copy: Copy, tmp_path: Path) -> None:
    copy.place_uv()
    elsewhere = tmp_path.resolve() / "else where"
    elsewhere.mkdir()
    assert copy.run("demo", "my files", "--serve", cwd=elsewhere, VIRTUAL_ENV="/foreign").returncode == 0
    sync, run = copy.calls()
    assert sync[1].startswith(f"sync --inexact --project {copy.root}")
    assert sync[1].endswith("--no-dev --package batch-processor")
    assert run[0] == str(elsewhere)
    wanted = f"run --no-sync --project {copy.root} --no-dev --package batch-processor batch-processor my files --serve"
    assert run[1] == wanted
    assert run[3] == ""


def test_test_looks_for_components_and_then_runs_pytest_in_the_repository(copy: Copy, tmp_path: Path) -> None:
    copy.place_uv()
    assert copy.run("test", "--apt", "-k", "name", cwd=tmp_path).returncode == 0
    _, services, pytest_call = copy.calls()
    assert services[1].endswith("python -m fw_testing services --apt")
    assert pytest_call[1].endswith("python -m pytest -k name")
    assert pytest_call[0] == str(copy.root)


def test_no_test_runs_when_the_components_are_refused(copy: Copy) -> None:
    copy.place_uv()
    (copy.notes / "run").write_text("3", encoding="utf-8")
    assert copy.run("test").returncode == 3
    assert [call[1].split()[0] for call in copy.calls()] == ["sync", "run"]


def test_the_programs_exit_code_is_passed_on(copy: Copy) -> None:
    copy.place_uv()
    (copy.notes / "run").write_text("42", encoding="utf-8")
    assert copy.run("demo").returncode == 42


def test_a_failing_installation_is_explained(copy: Copy) -> None:
    copy.place_uv()
    (copy.notes / "sync").write_text("2", encoding="utf-8")
    done = copy.run("demo")
    assert done.returncode == 1
    assert "Failed: installing the packages into" in done.stderr
    assert "UV_DEFAULT_INDEX" in done.stderr


def test_interpreters_are_not_downloaded_in_ci(copy: Copy) -> None:
    copy.place_uv()
    copy.run("demo", CI="true")
    copy.run("demo")
    assert [call[2] for call in copy.calls()] == ["never", "never", "", ""]


def test_the_running_interpreter_is_used(copy: Copy) -> None:
    copy.place_uv()
    copy.run("demo")
    words = copy.calls()[0][1].split()
    python = Path(words[words.index("--python") + 1])
    assert python.is_file()
    assert not (python.parent.parent / "pyvenv.cfg").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_and_run_py_without_a_traceback(copy: Copy, number: signal.Signals) -> None:
    copy.place_uv()
    (copy.notes / "wait").touch()
    process = subprocess.Popen(
        copy.command("demo"),
        cwd=copy.root,
        env=copy.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert "running\n" in iter(process.stdout.readline, "")
    # A terminal sends Ctrl-C to the whole group; SIGTERM comes to run.py alone, which hands it on.
    os.killpg(process.pid, number) if number is signal.SIGINT else process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
