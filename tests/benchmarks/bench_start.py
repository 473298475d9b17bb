"""What an application pays the kernel for coming up: a run of thirty plugins as a program, a hundred components.

CPU time; the program against an empty one, the components against the work that they do themselves.
"""

import asyncio
import importlib.metadata
import os
import statistics
import subprocess
import time
import venv
from itertools import pairwise
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

import pytest
from packaging.requirements import Requirement

import framework
from framework import App

PLUGINS = 30
ROUNDS = 25
RUN = "import sys; sys.argv[0] = 'fw'; from framework.cli import main; sys.exit(main(['run', 'shop', '--mode', 'cli']))"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that sees the kernel, what it stands on, and thirty plugins that do nothing."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    for distribution in needed("fw-core"):
        for part in {file.parts[0] for file in distribution.files or () if ".." not in file.parts}:
            link(Path(str(distribution.locate_file(part))), site)
    if not (site / "framework").exists():  # fw-core is installed as editable
        link(Path(framework.__file__).parent, site)
    for number in range(PLUGINS):
        install(site, f"sample{number}")
    return folder / "bin" / "python"


def needed(name: str) -> list[importlib.metadata.Distribution]:
    """A distribution and all that it requires."""
    found: dict[str, importlib.metadata.Distribution] = {}
    names = [name]
    while names:
        name = names.pop()
        if name not in found:
            found[name] = importlib.metadata.distribution(name)
            wanted = [Requirement(text) for text in found[name].requires or ()]
            names += [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return list(found.values())


def link(path: Path, folder: Path) -> None:
    (folder / path.name).symlink_to(path)


def install(site: Path, name: str) -> None:
    package, info = site / name, site / f"{name}-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "plugin.py").write_text("def register(app): pass\n", "utf-8")
    (package / "plugin.toml").write_text(f'name = "{name}"\nsummary = "Made for a benchmark"\n', "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[fw.plugins]\n{name} = {name}.plugin\n", "utf-8")


def cpu_seconds(python: Path, code: str, folder: Path) -> float:
    """User and system time of a Python that runs `code`; what it says is not shown."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FW_", "PYTHON"))}
    before = getrusage(RUSAGE_CHILDREN)
    variables = {**kept, "XDG_CACHE_HOME": str(folder)}
    done = subprocess.run([python, "-c", code], env=variables, cwd=folder, capture_output=True, text=True, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_thirty_plugins_run_to_ready_and_out(python: Path, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "from framework import App\n"
        "app = App('shop')\n"
        "@app.on_ready\n"
        f"async def count(event): assert len(app.plugins) == {PLUGINS}\n",
        "utf-8",
    )
    bare, asyncio_too = "pass", "import asyncio, logging, signal; asyncio.run(asyncio.sleep(0))"
    for code in (bare, asyncio_too, RUN):
        cpu_seconds(python, code, tmp_path)  # so that bytecode and index are there, as they are for a user
    # Turn by turn, so that a busy moment falls on all; the least is what the work itself costs.
    rounds = [[cpu_seconds(python, code, tmp_path) for code in (bare, asyncio_too, RUN)] for _ in range(ROUNDS)]
    empty, least, full = (min(column) for column in zip(*rounds, strict=True))
    print(
        f"\nfw run, {PLUGINS} plugins {full * 1000:5.1f} ms   empty program {empty * 1000:5.1f} ms   ratio "
        f"{full / empty:4.1f}  aim 10   (with asyncio and logging {least * 1000:5.1f} ms, ratio {least / empty:4.1f})"
    )


def components(chains: int, length: int) -> list[list[type[Any]]]:
    """Classes with `start` and `stop`; in each chain every one needs the one before it."""
    found = [[component(f"C{chain}_{number}") for number in range(length)] for chain in range(chains)]
    for chain in found:
        for before, after in pairwise(chain):
            after.__init__.__annotations__["before"] = before
        del chain[0].__init__  # the first of a chain needs nothing
    return found


def component(name: str) -> type[Any]:
    def begin(self: Any, before: Any) -> None: ...

    async def start(self: Any) -> None:
        await asyncio.sleep(0)

    async def stop(self: Any) -> None:
        await asyncio.sleep(0)

    return type(name, (), {"__init__": begin, "start": start, "stop": stop})


async def bare(chains: list[list[type[Any]]]) -> None:
    """The components' own work: made and started in their chains, all chains at the same time."""

    async def begin(chain: list[type[Any]]) -> None:
        made = chain[0]()
        await made.start()
        for kind in chain[1:]:
            made = kind(made)
            await made.start()

    async with asyncio.TaskGroup() as group:
        for chain in chains:
            group.create_task(begin(chain))


def test_a_hundred_components_in_ten_chains() -> None:
    chains = components(10, 10)
    rounds = [asyncio.run(timed(chains)) for _ in range(ROUNDS)]
    own, together, up = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    print(
        f"\n100 components in 10 chains: bootstrap {together:5.2f} ms   start {up:5.2f} ms   their own work {own:5.2f} "
        f"ms   overhead {together + up - own:5.2f} ms  aim 20"
    )


async def timed(chains: list[list[type[Any]]]) -> tuple[float, float, float]:
    """Seconds of CPU: the bare work, bootstrap, start."""
    app = App("many", plugins=[])
    for chain in chains:
        for kind in chain:
            app.register(kind)
    marks = [time.process_time()]
    await bare(chains)
    marks.append(time.process_time())
    app.bootstrap()
    marks.append(time.process_time())
    await app.start()
    marks.append(time.process_time())
    await app.stop()
    first, second, third = (after - before for before, after in pairwise(marks))
    return first, second, third
