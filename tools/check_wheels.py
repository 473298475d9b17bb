"""Builds the wheels of all packages, installs them into empty environments and looks whether they work there.

python tools/check_wheels.py    prints each step; exit 1 with every fault found

One environment holds `fw-core[http,orchestrator]`, found among the wheels as a user's pip would find it; one holds
everything. Nothing is installed from the sources, and the checks run outside the repository.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import PathDistribution, packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name
from workspace import ROOT, Member, members, table

EXTRAS = ("http", "orchestrator")
# Run inside the environment: imports every module of the packages named; prints where the packages lie, and for each
# module that does not import the top-level module it misses ('' for another reason) and the error.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
places, failed = {}, []
def load(name):
    try:
        return importlib.import_module(name)
    except Exception as error:
        cause = error if isinstance(error, ModuleNotFoundError) else error.__cause__
        missing = (cause.name or "").partition(".")[0] if isinstance(cause, ModuleNotFoundError) else ""
        failed.append([name, missing, f"{type(error).__name__}: {error}"])
for name in sys.argv[1:]:
    package = load(name)
    if package:
        places[name] = package.__file__
        for module in pkgutil.walk_packages(package.__path__, name + ".", onerror=lambda name: None):
            if not module.name.endswith(".__main__"):
                load(module.name)
print(json.dumps([places, failed]))
"""


class CheckFailed(Exception):
    """A command of the check did not succeed; the message holds what it said."""


def output(command: list[str], cwd: Path) -> str:
    """What `command` prints, run in `cwd` without the variables that would lead it back to the sources."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise CheckFailed(f"`{' '.join(command[:6])} ...` ended with exit code {done.returncode}:\n{said}")
    return done.stdout


def plugins(wheel: zipfile.ZipFile) -> list[str]:
    """Names of the fw plugins that a wheel's entry points declare."""
    files = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    parser = ConfigParser(delimiters=("=",))
    for name in files:
        parser.read_string(wheel.read(name).decode())
    return parser.options("fw.plugins") if parser.has_section("fw.plugins") else []


def faults_of_wheel(member: Member, path: Path) -> Iterator[str]:
    """What a wheel lacks or should not hold."""
    with zipfile.ZipFile(path) as wheel:
        inside = set(wheel.namelist())
        wanted = [f"{member.module}/py.typed"] + [f"{member.module}/plugin.toml" for _ in plugins(wheel)[:1]]
        metadata = wheel.read(next(name for name in inside if name.endswith(".dist-info/METADATA"))).decode()
    yield from (f"{path.name}: {name} is missing." for name in wanted if name not in inside)
    own = sorted(name for name in inside if "/templates/" not in name)  # templates bring tests of their own
    yield from (f"{path.name}: holds {name}." for name in own if "tests/" in name or name.endswith(".pyc"))
    if "License-Expression: MIT" not in metadata:
        yield f"{path.name}: its metadata does not say that the licence is MIT."


class Environment:
    """An empty virtual environment outside the repository, filled from wheels only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        output(["uv", "venv", "--quiet", "--no-config", "--python", sys.executable, str(folder)], folder.parent)

    def install(self, requirements: list[str], wheels: Path, pins: list[str]) -> None:
        """Installs from `wheels` and the index, with versions held by `pins`."""
        constraints = self.folder.parent / f"{self.folder.name}.txt"
        constraints.write_text("\n".join(pins), encoding="utf-8")
        overrides = self.folder.parent / "overrides.txt"  # as the workspace: what would have to be compiled is left out
        overrides.write_text("\n".join(table(ROOT / "pyproject.toml")["tool"]["uv"]["override-dependencies"]), "utf-8")
        where = ["--python", str(self.folder), "--find-links", str(wheels)]
        where += ["--constraint", str(constraints), "--override", str(overrides)]
        output(["uv", "pip", "install", "--quiet", "--no-config", *where, *requirements], self.folder.parent)

    def run(self, program: str, *arguments: str) -> str:
        """What one of its programs prints."""
        return output([str(self.bin / program), *arguments], self.folder.parent)

    def faults(self, wheels: dict[str, Path], packages: list[Member]) -> Iterator[str]:
        """What does not work here: wrong origin, modules that do not import, plugins that `fw` does not list."""
        site = Path(self.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        for member in packages:
            infos = list(site.glob(f"{wheels[member.name].name.rsplit('-', 3)[0]}.dist-info"))
            with zipfile.ZipFile(wheels[member.name]) as wheel:
                record = wheel.read(next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")))
            if not infos or (PathDistribution(infos[0]).read_text("METADATA") or "").encode() != record:
                yield f"{self.folder.name}: {member.name} was not installed from its wheel."
        yield from self.import_faults(site, packages)
        if not self.run("fw", "--version").strip():
            yield f"{self.folder.name}: `fw --version` prints nothing."
        listed = {row["name"] for row in json.loads(self.run("fw", "plugins", "list", "--json"))}
        for member in packages:
            with zipfile.ZipFile(wheels[member.name]) as wheel:
                missing = sorted(set(plugins(wheel)) - listed)
            yield from (f"{self.folder.name}: `fw plugins list` does not show {name}." for name in missing)

    def import_faults(self, site: Path, packages: list[Member]) -> Iterator[str]:
        """Modules that do not import, unless it is for an extra that is not installed here, or not from here."""
        said = self.run("python", "-c", IMPORT_ALL, *(member.module for member in packages))
        places, failed = json.loads(said.splitlines()[-1])  # some libraries greet whoever imports them
        extras = {member.module: member.extras for member in packages}
        for module, missing, error in failed:
            providers = {canonicalize_name(name) for name in packages_distributions().get(missing, [])}
            if not providers & extras[module.partition(".")[0]]:
                yield f"{self.folder.name}: {module} does not import: {error}"
        yield from (f"{name} was imported from {file}." for name, file in places.items() if str(site) not in file)


def check(folder: Path) -> list[str]:
    """Builds, installs and checks inside `folder`; the faults found."""
    dist = folder / "dist"
    print("building the wheels of all packages", flush=True)
    output(["uv", "build", "--quiet", "--all-packages", "--wheel", "--out-dir", str(dist)], ROOT)
    workspace = members()
    wheels = {m.name: next(dist.glob(f"{m.name.replace('-', '_')}-*.whl")) for m in workspace}
    faults = [fault for member in workspace for fault in faults_of_wheel(member, wheels[member.name])]
    own = [f"{name}=={path.name.split('-')[1]}" for name, path in wheels.items()]
    pins = [*own, *(ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()]

    wanted = f"fw-core[{','.join(EXTRAS)}]"
    print(f"installing {wanted} into an empty environment", flush=True)
    extras = Environment(folder / "extras")
    extras.install([wanted], dist, pins)
    faults += extras.faults(wheels, [m for m in workspace if m.name in {"fw-core", *(f"fw-{e}" for e in EXTRAS)}])

    print(f"installing all {len(own)} packages into an empty environment", flush=True)
    everything = Environment(folder / "everything")
    everything.install(own, dist, pins)
    faults += everything.faults(wheels, workspace)
    return faults


def main() -> int:
    """0 if the wheels work, else 1 after a line for each fault."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            faults = check(Path(folder).resolve())
        except CheckFailed as error:
            faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print("The wheels work." if not faults else f"{len(faults)} faults.", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
