"""From the start of the process to its first answer, and the memory it then holds, beside bare aiohttp.

    uv run --isolated --no-project --with ./kernel --with ./plugins/fw-http --with ./plugins/fw-config \
        --with ./plugins/fw-di --with ./plugins/fw-logging --with ./plugins/fw-observability --with pydantic \
        python tests/benchmarks/bench_http_start.py

Linux only: memory is read from the process.
"""

import statistics
import sys
import time
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench_http import Server, running

TURNS = 9
SERVERS = (
    Server("aiohttp alone", "bare.py"),
    Server("aiohttp by hand, validated", "by_hand.py"),
    Server("fw, http alone", "own.py", ("plain",)),
    Server("fw, five plugins", "own.py", ("five",), ("fw_config", "fw_di", "fw_logging", "fw_observability")),
)


def resident(pid: int) -> float:
    """Resident memory in MiB. Source: proc(5), VmRSS."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_start_and_memory() -> None:
    found = [server for server in SERVERS if all(find_spec(module) for module in server.needs)]
    seconds: dict[str, list[float]] = {server.name: [] for server in found}
    mebibytes: dict[str, list[float]] = {server.name: [] for server in found}
    for _ in range(TURNS):
        for server in found:
            started = time.perf_counter()
            with running(server) as (pid, _):
                seconds[server.name].append(time.perf_counter() - started)
                mebibytes[server.name].append(resident(pid))
    bare_seconds, bare_memory = (statistics.median(table[found[0].name]) for table in (seconds, mebibytes))
    print()
    for name, table in seconds.items():
        wall, memory = statistics.median(table), statistics.median(mebibytes[name])
        print(
            f"  {name:<28} {wall * 1000:6.0f} ms {wall / bare_seconds:5.2f} x   "
            f"{memory:5.1f} MiB {memory - bare_memory:+5.1f} MiB"
        )


if __name__ == "__main__":
    test_start_and_memory()
