#!/usr/bin/env python3
"""The two commands of this repository.

python3 run.py demo [FOLDER] [--serve] [...]    the example job on embedded defaults
python3 run.py test [--apt] [pytest arguments]  the test suite; paths are relative to the repository

Both need only Python and pip. They make a private environment in .boot/ (it holds uv), let uv install the
packages into .venv/, and run the program there. Nothing outside the repository is changed, except that
`test --apt` (as root on Debian) installs the missing components that tests use.

Exit codes: those of the program that was run; 1 if it could not be set up; 2 for a wrong command; 3 if
FW_REQUIRE names a component that is absent.

Standard library only, in the syntax of Python 3.9: this file runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
PROXY_HINT = (
    "Check the network; behind a proxy set HTTPS_PROXY; with a package mirror set it in pip's configuration "
    "and, for uv, in UV_DEFAULT_INDEX."
)


class SetupFailed(Exception):
    """The program could not be started: what was being done, why it failed, what the user can do."""

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(f"Failed: {what}\n   why: {why}\n   fix: {remedy}")


def say(step: str, text: str) -> None:
    """One progress line, at once even when the output is a pipe."""
    print(f"[{step}] {text}", flush=True)


def pinned_uv(root: Path) -> str:
    """The version of uv that the repository uses: its pin in the root pyproject.toml.

    Read by pattern, since Python 3.9 and 3.10 have no TOML parser.
    """
    found = re.search(r'^\s*"uv==([^"\s;]+)', (root / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    if found is None:
        why = "pyproject.toml has no pin `uv==...`"
        raise SetupFailed("reading the version of uv", why, "restore pyproject.toml from git.")
    return found.group(1)


def uv_version(uv: Path) -> str:
    """The version that the program `uv` reports, or '' if it does not run."""
    try:
        done = subprocess.run([str(uv), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    words = done.stdout.split()
    return words[1] if done.returncode == 0 and len(words) > 1 and words[0] == "uv" else ""


def uv_in(boot: Path, version: str) -> Path | None:
    """The program uv of that version inside `boot`, or None if there is none that runs."""
    places = [boot / folder / name for folder in ("bin", "Scripts") for name in ("uv", "uv.exe")]
    return next((place for place in places if place.is_file() and uv_version(place) == version), None)


def interpreters() -> list[str]:
    """This interpreter and, when it belongs to a virtual environment, the one behind it."""
    base = getattr(sys, "_base_executable", sys.executable)
    return list(dict.fromkeys([sys.executable, base]))


def quiet(command: list[str]) -> tuple[bool, str]:
    """Runs `command` without a word; whether it succeeded, and the end of what it said."""
    # A user's own pip settings about where to install must not reach into the private environment.
    env = {k: v for k, v in os.environ.items() if k not in ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PYTHONHOME")}
    env["PIP_REQUIRE_VIRTUALENV"] = "0"
    try:
        done = subprocess.run(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, "\n        ".join(done.stdout.strip().splitlines()[-6:])


def pip_commands(boot: Path) -> list[list[str]]:
    """Ways to run pip so that it installs into `boot`, best first; each is the head of an install command.

    `pip --python` (pip 22.3) also works where the system's Python is marked as externally managed and where
    venv cannot bring its own pip. `--target` is for older pips, and for Pythons without the venv module.
    """
    found: list[list[str]] = []
    pip = next((p for p in interpreters() if quiet([p, "-m", "pip", "--version"])[0]), None)
    has_venv = importlib.util.find_spec("venv") is not None
    if has_venv:
        import venv

        try:
            venv.create(boot, with_pip=pip is None)
        except subprocess.CalledProcessError:
            has_venv = False  # no pip here and none inside Python either: nothing is left to try
    inner = next((p for p in (boot / "bin" / "python", boot / "Scripts" / "python.exe") if p.exists()), None)
    if has_venv and inner is not None:
        start = [pip, "-m", "pip", "--python", str(inner)] if pip else [str(inner), "-m", "pip"]
        found.append([*start, "install"])
    if pip:
        found.append([pip, "-m", "pip", "install", "--target", str(boot)])
    return found


def prepare(root: Path) -> Path:
    """The uv of the private environment `root`/.boot, made anew unless a working one lies there already."""
    version, boot = pinned_uv(root), root / ".boot"
    ready = uv_in(boot, version)
    if ready:
        return ready
    what = f"preparing a private environment in {boot}"
    last = "no pip was found"
    try:
        if boot.exists():
            shutil.rmtree(boot)
        for head in pip_commands(boot):
            _, last = quiet([*head, "--quiet", "--disable-pip-version-check", "--no-input", f"uv=={version}"])
            ready = uv_in(boot, version)
            if ready:
                return ready
    except OSError as error:
        raise SetupFailed(what, str(error), "make the folder writable and check the free disk space.") from error
    on_path = shutil.which("uv")
    if on_path and uv_version(Path(on_path)) == version:
        return Path(on_path)
    if last == "no pip was found":
        remedy = f"install pip (on Debian: apt-get install python3-pip), or uv {version} on your PATH."
        raise SetupFailed(what, f"{sys.executable} has no pip", remedy)
    raise SetupFailed(what, f"pip could not install uv {version}:\n        {last}", PROXY_HINT)


def environment() -> dict[str, str]:
    """The variables for uv: no foreign environment, and no download of interpreters in CI."""
    env = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    if env.get("CI"):
        env.setdefault("UV_PYTHON_DOWNLOADS", "never")
    return env


def call(command: list[str], cwd: Path | None = None) -> int:
    """Runs `command` to its end and returns its exit code; Ctrl-C and SIGTERM are the command's to answer."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        early.append(number)
        for child in children:
            child.terminate()

    def wait_on(number: int, frame: FrameType | None) -> None:
        """Ctrl-C went to the whole process group. A KeyboardInterrupt here could lose the command's exit code."""

    previous = signal.signal(signal.SIGTERM, forward), signal.signal(signal.SIGINT, wait_on)
    try:
        children.append(subprocess.Popen(command, cwd=cwd, env=environment()))
        if early:
            children[0].terminate()
        code = children[0].wait()
    finally:
        signal.signal(signal.SIGTERM, previous[0])
        signal.signal(signal.SIGINT, previous[1])
    return code if code >= 0 else 128 - code


def install(uv: Path, root: Path, what: list[str]) -> None:
    """Brings .venv into step with the packages; uv's own words on a failure stay on the screen."""
    python = ["--python", interpreters()[-1]] if sys.version_info >= OLDEST else []
    quiet_later = ["--quiet"] if (root / ".venv").exists() else []  # the first time takes a while: show it
    code = call([str(uv), "sync", *quiet_later, "--inexact", "--project", str(root), *python, *what])
    if code == 130:
        raise KeyboardInterrupt
    if code:
        oldest = ".".join(map(str, OLDEST))
        hint = "" if python else f" If no Python >= {oldest} was found: install one, or run `python{oldest} run.py`."
        raise SetupFailed(
            f"installing the packages into {root / '.venv'}",
            "uv says it above",
            "If it is the network: " + PROXY_HINT[0].lower() + PROXY_HINT[1:] + hint,
        )


def run_demo(arguments: list[str], root: Path = ROOT) -> int:
    """The example job; `arguments` are its own, and FOLDER is relative to where the user stands."""
    package = ["--no-dev", "--package", "batch-processor"]
    say("1/3", "preparing a private environment in .boot ...")
    uv = prepare(root)
    say("2/3", "installing the demo and the packages it needs into .venv ...")
    install(uv, root, package)
    say("3/3", "running the demo: " + " ".join(["batch-processor", *arguments]))
    return call([str(uv), "run", "--no-sync", "--project", str(root), *package, "batch-processor", *arguments])


def run_tests(arguments: list[str], root: Path = ROOT) -> int:
    """The test suite, after one line for each component that tests use."""
    apt = [argument for argument in arguments if argument == "--apt"]
    rest = [argument for argument in arguments if argument != "--apt"]
    say("1/4", "preparing a private environment in .boot ...")
    uv = prepare(root)
    say("2/4", "installing all packages and the test tools into .venv ...")
    install(uv, root, ["--all-packages"])
    python = [str(uv), "run", "--no-sync", "--project", str(root), "--all-packages", "python"]
    say("3/4", "looking for the components that tests use" + (", installing what is missing ..." if apt else " ..."))
    code = call([*python, "-m", "fw_testing", "services", *apt], cwd=root)
    if code:
        return code
    say("4/4", "running the tests: " + " ".join(["pytest", *rest]))
    return call([*python, "-m", "pytest", *rest], cwd=root)


def main(arguments: list[str]) -> int:
    """Runs one command; every failure to set it up is a message, never a traceback."""
    commands = {"demo": run_demo, "test": run_tests}
    if sys.version_info < (3, 9):
        print(f"run.py needs Python 3.9 or newer to start; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.rsplit("\n\n", 1)[0] if __doc__ else "")
        return 0 if arguments else 2
    if arguments[0] not in commands:
        known = ", ".join(commands)
        print(f"run.py: unknown command {arguments[0]!r}; there are: {known}. See `run.py --help`.", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
