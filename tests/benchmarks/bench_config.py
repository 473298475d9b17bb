"""What reading a setting and making settings cost: an attribute of a plain object beside it, and peers that are there.

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-config \\
        --with pydantic-settings python tests/benchmarks/bench_config.py
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from framework import Config
from framework.sources import from_code

ROUNDS = 25
READS = 20_000
Work = Callable[[], Any]


@dataclass(frozen=True)
class Shop:
    limit: int = 10


class Plain:
    def __init__(self) -> None:
        self.limit = 10


def reading(holder: Any, name: str = "limit") -> Work:
    """Reads an attribute many times; written out, so that the loop is all that is beside it."""
    space: dict[str, Any] = {"holder": holder, "READS": READS}
    exec(f"def work():\n    for _ in range(READS):\n        holder.{name}", space)  # noqa: S102 - one loop for each name
    work: Work = space["work"]
    return work


def empty() -> None:
    for _ in range(READS):
        pass


def seconds(work: Work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def medians(works: dict[str, Work]) -> dict[str, float]:
    """Nanoseconds per read, turn by turn, without the loop itself."""
    rounds = [{name: seconds(work) for name, work in {"": empty, **works}.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(r[name] - r[""] for r in rounds) / READS * 1e9 for name in works}


def peers() -> dict[str, Work]:
    found: dict[str, Work] = {}
    with suppress(ImportError):
        dynaconf = import_module("dynaconf").Dynaconf(environments=False)
        dynaconf.set("limit", 10)
        found["dynaconf"] = reading(dynaconf)
    with suppress(ImportError):
        base = import_module("pydantic_settings").BaseSettings
        found["pydantic-settings"] = reading(type("S", (base,), {"__annotations__": {"limit": int}, "limit": 10})())
    return found


def importing(code: str) -> float:
    """CPU seconds of a fresh interpreter that runs it, the median of five."""
    timed = f"{code}; import time; print(time.process_time())"
    runs = [subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def test_reading() -> None:
    config = Config(from_code({"shop": {"limit": 3}}))
    settings = config.load(Shop, "shop")
    figures = medians({"plain attribute": reading(Plain()), "a setting": reading(settings), **peers()})
    base = figures["plain attribute"]
    print("\nreading one setting (at most 2 x a plain attribute)")
    for name, figure in figures.items():
        print(f"  {name:<20} {figure:8.1f} ns  {figure / base:6.2f} x")


def test_starting() -> None:
    """What a process pays before its settings are there."""
    bootstrap = "from framework import App; App(plugins={}).bootstrap()"
    cases = {
        "python alone": "pass",
        "kernel": bootstrap.format([]),
        "kernel and fw-config": bootstrap.format(["config"]),
        "import dynaconf": "import dynaconf",
        "import pydantic": "from pydantic import TypeAdapter",
    }
    figures = {name: importing(code) for name, code in cases.items()}
    base = figures["kernel"]
    print("\nCPU until the settings are there")
    for name, figure in figures.items():
        print(f"  {name:<22} {figure * 1000:7.0f} ms  {figure / base:6.2f} x")


if __name__ == "__main__":
    test_reading()
    test_starting()
