"""Runs mypy once, strict, over the sources of all packages, the root's own files, the tools and every test.

python tools/check_types.py [more options for mypy]

Test files carry equal names in every package and belong to no package, so mypy would refuse them as duplicates. Each
tests folder is therefore linked into .mypy_cache/tests under a name of its own (`fw_http_tests`), where its files have
unique module names; the paths in mypy's output are turned back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from workspace import ROOT, members


def link_tests(root: Path, links: Path) -> dict[str, str]:
    """Links every tests folder into `links`; the path of each link, as mypy prints it, and of its target."""
    if links.exists():
        shutil.rmtree(links)
    links.mkdir(parents=True)
    folders = {f"{member.module}_tests": member.folder / "tests" for member in members(root)}
    folders["workspace_tests"] = root / "tests"
    found: dict[str, str] = {}
    for name, folder in folders.items():
        if any(folder.rglob("*.py")):
            (links / name).symlink_to(folder, target_is_directory=True)
            found[(links / name).relative_to(root).as_posix()] = folder.relative_to(root).as_posix()
    return found


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Mypy's exit code; its report on stdout."""
    links = root / ".mypy_cache" / "tests"
    linked = link_tests(root, links)
    sources = [member.source.relative_to(root).as_posix() for member in members(root)]
    tools = sorted(path.relative_to(root).as_posix() for path in (root / "tools").glob("*.py"))
    own = ["run.py", "conftest.py"]
    paths = [member.source.parent for member in members(root)]
    command = [sys.executable, "-m", "mypy", "--explicit-package-bases", "--namespace-packages", *arguments]
    env = {**os.environ, "MYPYPATH": os.pathsep.join(str(path) for path in [*paths, root / "tools", links, root])}
    done = subprocess.run(
        [*command, *sources, *own, *tools, *linked], cwd=root, env=env, capture_output=True, text=True, check=False
    )
    report = done.stdout + done.stderr
    for link, folder in linked.items():
        report = report.replace(link, folder)
    print(report, end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
