"""What a user waits for before a command of `fw` does anything, as a ratio to an empty Python program."""

import statistics
import subprocess
import sys
import time

import pytest

ROUNDS = 9


def seconds(arguments: list[str]) -> float:
    """Wall time of one run of Python with `arguments`."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("import pluggy", ["-c", "import pluggy"]),
        ("import aiohttp", ["-c", "import aiohttp"]),
        ("import framework", ["-c", "import framework"]),
        ("fw --version", ["-m", "framework", "--version"]),
        ("fw plugins list", ["-m", "framework", "plugins", "list"]),
    ],
)
def test_cold_start(name: str, arguments: list[str]) -> None:
    # Turn by turn, so that a busy moment of the machine falls on both; the median forgets it.
    pairs = [(seconds(["-c", "pass"]), seconds(arguments)) for _ in range(ROUNDS)]
    bare, full = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"\n{name:<18} {full * 1000:6.0f} ms   empty program {bare * 1000:4.0f} ms   ratio {full / bare:5.1f}")
