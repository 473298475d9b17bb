"""Keeps the third-party versions of the whole workspace: `constraint-dependencies` in the root pyproject.toml.

python tools/pins.py             write constraints.txt from the root's pins
python tools/pins.py --check     exit 1 if constraints.txt differs from the pins, or a declared dependency has no pin
python tools/pins.py --complete  keep the pinned versions, add pins for new dependencies, drop unused ones
python tools/pins.py --update    upgrade every pin to the newest version that resolves

The last two need `uv` on PATH (it is in the environment) and a package index.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from workspace import ROOT, members, names, table

PINS = re.compile(r"(?ms)^constraint-dependencies = \[\n(.*?)^\]\n")
HEAD = "# Written by `python tools/pins.py` from constraint-dependencies in pyproject.toml. Do not edit.\n"


class PinsError(Exception):
    """The pins cannot be read, checked or resolved; the message says why and what to do."""


def pins(root: Path) -> list[str]:
    """The pinned requirements of the workspace at `root`, in file order."""
    found: list[str] = table(root / "pyproject.toml")["tool"]["uv"]["constraint-dependencies"]
    return found


def rendered(requirements: list[str]) -> str:
    """The text of constraints.txt."""
    return HEAD + "".join(f"{requirement}\n" for requirement in requirements)


def faults(root: Path) -> list[str]:
    """What is wrong with the pins of the workspace at `root`, as sentences; empty when all is well."""
    wanted = rendered(pins(root)).splitlines()
    constraints = root / "constraints.txt"
    there = constraints.read_text(encoding="utf-8").splitlines() if constraints.exists() else []
    found = list(difflib.unified_diff(there, wanted, "constraints.txt", "pyproject.toml", lineterm="", n=0))
    if found:
        found.append("constraints.txt differs from the pins: run `python tools/pins.py`.")
    loose = [pin for pin in pins(root) if not any(spec.operator == "==" for spec in Requirement(pin).specifier)]
    found += [f"{pin!r} is not an exact pin (`name==version`)." for pin in loose]
    known = names(pins(root)) | {member.name for member in members(root)}
    asked = {member.folder: member.dependencies | member.extras | member.groups for member in members(root)}
    asked[root] = names(table(root / "pyproject.toml")["dependency-groups"]["dev"])
    for folder, wants in asked.items():
        place = (folder / "pyproject.toml").relative_to(root).as_posix()
        missing = sorted(wants - known)
        found += [f"{place}: {name} has no pin: run `python tools/pins.py --complete`." for name in missing]
    return found


def replaced(text: str, requirements: list[str]) -> str:
    """`text` of the root pyproject.toml with its pins replaced by `requirements`."""
    lines = "".join(f'    "{requirement}",\n' for requirement in requirements)
    if not PINS.search(text):
        raise PinsError("pyproject.toml: no `constraint-dependencies = [` list to replace; restore it under [tool.uv].")
    return PINS.sub(lambda _: f"constraint-dependencies = [\n{lines}]\n", text, count=1)


def resolved(root: Path, keep: bool) -> list[str]:
    """The whole workspace resolved by uv, one exact requirement a line; `keep` holds the pins there are.

    Works on a copy of the pyproject files, so that no lock file and no other user of the workspace is touched.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise PinsError("uv is not on PATH: run this through `uv run python tools/pins.py`.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        (copy / "pyproject.toml").write_text(text if keep else replaced(text, []), encoding="utf-8")
        for member in members(root):
            target = copy / member.folder.relative_to(root)
            target.mkdir(parents=True)
            shutil.copy(member.folder / "pyproject.toml", target)
        plain = ["--no-hashes", "--no-annotate", "--no-header", "--no-emit-workspace"]
        command = [uv, "export", "--quiet", "--all-packages", "--all-extras", "--all-groups", *plain]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PinsError(f"uv could not resolve the workspace (exit {done.returncode}):\n{done.stderr.strip()}")
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Runs one of the commands above; 0 when done or in order, 1 with the reasons on stderr."""
    parser = argparse.ArgumentParser(prog="pins.py", description="Pins of the workspace's third-party versions.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    choice.add_argument("--complete", action="store_true", help="add what is new, keep the rest as pinned")
    choice.add_argument("--update", action="store_true", help="upgrade everything")
    options = parser.parse_args(arguments)
    try:
        if options.complete or options.update:
            pyproject = root / "pyproject.toml"
            text = replaced(pyproject.read_text(encoding="utf-8"), resolved(root, keep=options.complete))
            pyproject.write_text(text, encoding="utf-8")
        if not options.check:
            (root / "constraints.txt").write_text(rendered(pins(root)), encoding="utf-8")
        problems = faults(root)
    except PinsError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
