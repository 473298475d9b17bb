"""What `fw` and the front door cost beyond Python itself, with thirty plugins installed: CPU time, as ratios."""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

ROUNDS = 15
PLUGINS = 30
FRONT_DOOR = "from framework import App, Component, Depends, hookimpl"
MANIFEST = """\
name = "{name}"
summary = "A plugin made for a benchmark"
after = ["logging"]
modes = ["web"]
config = "{name}.config:Settings"

[facades]
{name} = "{name}.facade:Facade"

[commands.{name}-do]
help = "Does nothing"
run = "{name}.commands:do"
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a Python that sees thirty generated plugins, and has an index of them."""
    folder = tmp_path_factory.mktemp("site")
    for number in range(PLUGINS):
        install(folder, f"sample{number}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FW_", "PYTHON"))}
    found = {**kept, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}
    script = "from framework.cli import main; main(['plugins', 'refresh'])"
    subprocess.run([sys.executable, "-c", script], env=found, check=True, capture_output=True)
    return found


def install(folder: Path, name: str) -> None:
    package, info = folder / name, folder / f"{name}-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "plugin.py").write_text("def register(app): pass\n", "utf-8")
    (package / "plugin.toml").write_text(MANIFEST.format(name=name), "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[fw.plugins]\n{name} = {name}.plugin\n", "utf-8")


def cpu_seconds(code: str, environment: dict[str, str], folder: Path) -> float:
    """User and system time of a Python that runs `code`."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command(*words: str) -> str:
    """What the installed script `fw` does."""
    return f"import sys; sys.argv[0] = '-c'; from framework.cli import main; sys.exit(main({list(words)!r}))"


@pytest.mark.parametrize(
    "name, code, base, most",
    [
        ("fw --help", command("--help"), "pass", 2.5),
        ("fw --version", command("--version"), "pass", 2.5),
        ("fw plugins list", command("plugins", "list"), "pass", 2.5),
        ("fw plugins list, [plugins]", command("plugins", "list"), "pass", None),
        ("the front door", FRONT_DOOR, "import pluggy", 1.6),
        ("import framework", "import framework", "pass", None),
    ],
)
def test_cold_start(
    name: str, code: str, base: str, most: float | None, environment: dict[str, str], tmp_path: Path
) -> None:
    if "[plugins]" in name:
        (tmp_path / "fw.toml").write_text('[plugins]\ndisable = ["sample3"]\n', "utf-8")
    cpu_seconds(code, environment, tmp_path)  # so that the bytecode of all modules is there, as it is for a user
    # Turn by turn, so that a busy moment falls on both; the least is what the work itself costs.
    pairs = [
        (cpu_seconds(base, environment, tmp_path), cpu_seconds(code, environment, tmp_path)) for _ in range(ROUNDS)
    ]
    bare, full = (min(column) for column in zip(*pairs, strict=True))
    aim = f"aim {most}" if most else ""
    print(f"\n{name:<28} {full * 1000:6.1f} ms   {base:<14} {bare * 1000:5.1f} ms   ratio {full / bare:5.2f}  {aim}")
