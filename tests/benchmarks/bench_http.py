"""CPU per request of a server, as a multiple of the same route written by hand on aiohttp, access log off; and what its
start costs: time to the first answer and resident memory, beside aiohttp alone.

Peers are no dependencies of this project; run it in an environment that has them, and it compares with those it finds:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-http \
        --with-editable ./plugins/fw-config --with-editable ./plugins/fw-di --with-editable ./plugins/fw-logging \
        --with-editable ./plugins/fw-observability --with fastapi --with litestar --with blacksheep \
        --with uvicorn --with uvloop --with httptools python tests/benchmarks/bench_http.py

Linux only: the CPU time and memory of a server are read from its process.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent / "http_servers"
COMPILED = tempfile.TemporaryDirectory()
ENVIRONMENT = {**os.environ, "PYTHONPYCACHEPREFIX": COMPILED.name}
"""All servers find their modules compiled, from the second start on: compiling would be most of what is measured."""
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
CONNECTIONS = 16
REQUESTS = 4_000
"""In one turn of one server."""
TURNS = 7

BODY = b'{"name": "rope", "price": 2.5, "count": 3, "tags": ["long", "blue"]}'
ROUTES = {
    "hello": b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "order": b"POST /items/7 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
}
EXPECTED = {"hello": b'"hello"', "order": b"7.5"}


@dataclass(frozen=True)
class Server:
    """A program that serves the routes on the port it is given."""

    name: str
    program: str
    arguments: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


SERVERS = (
    Server("aiohttp by hand", "by_hand.py"),
    Server("fw", "own.py", ("plain",)),
    Server("fw, id + log + metrics", "own.py", ("watched",), ("fw_logging", "fw_observability")),
    Server("FastAPI, uvicorn", "on_fastapi.py", (), ("fastapi", "uvicorn")),
    Server("Litestar, uvicorn", "on_litestar.py", (), ("litestar", "uvicorn")),
    Server("BlackSheep, uvicorn", "on_blacksheep.py", (), ("blacksheep", "uvicorn")),
)

STARTERS = (
    Server("aiohttp alone", "bare.py"),
    Server("aiohttp by hand, validated", "by_hand.py"),
    Server("fw, http alone", "own.py", ("hello",)),
    Server("fw, five plugins", "own.py", ("five",), ("fw_config", "fw_di", "fw_logging", "fw_observability")),
)
STARTS = 9


def cpu_seconds(pid: int) -> float:
    """Seconds that all threads of a process have used. Source: clock_getcpuclockid(3), as Linux makes its answer."""
    return time.clock_gettime(~pid << 3 | 2)


def resident(pid: int) -> float:
    """Resident memory in MiB. Source: proc(5), VmRSS."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def running(server: Server) -> Iterator[tuple[int, int]]:
    """The server's pid and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, server.program, str(port), *server.arguments],
        cwd=HERE,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_listening(process, port)
        yield process.pid, port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(ROUTES["hello"])
                if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(0.002)  # another program's start is polled: nothing tells of it
    raise RuntimeError(f"{process.args!r} does not listen")


class Clients:
    """Keep-alive connections, each with one request on its way: the server always has work, never a pipeline."""

    def __init__(self, port: int) -> None:
        self._connections = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(CONNECTIONS)]

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def send(self, route: str, requests: int) -> None:
        """All requests of a turn; every answer is looked at."""
        request, expected = ROUTES[route], EXPECTED[route]
        for _ in range(requests // len(self._connections)):
            for connection in self._connections:
                connection.sendall(request)
            for connection in self._connections:
                answer = _answer(connection)
                if not answer.startswith(b"HTTP/1.1 200") or expected not in answer:
                    raise RuntimeError(f"wrong answer: {answer[:500]!r}")


def _answer(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        if end:
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            if not length:
                raise RuntimeError(f"an answer without a length: {head!r}")
            if len(body) >= int(length):
                return received
        more = connection.recv(65536)
        if not more:
            raise RuntimeError(f"the connection ended in an answer: {received!r}")
        received += more


def measure(route: str) -> dict[str, float]:
    """CPU microseconds per request by server, median over turns taken in rotation."""
    found = [server for server in SERVERS if all(find_spec(module) for module in server.needs)]
    with ExitStack() as stack:
        places = {server.name: stack.enter_context(running(server)) for server in found}
        clients = {}
        for name, (_, port) in places.items():
            clients[name] = Clients(port)
            stack.callback(clients[name].close)
            clients[name].send(route, 500)
        turns: list[dict[str, float]] = []
        for _ in range(TURNS):
            turn = {}
            for name, (pid, _) in places.items():
                before = cpu_seconds(pid)
                clients[name].send(route, REQUESTS)
                turn[name] = (cpu_seconds(pid) - before) / REQUESTS * 1e6
            turns.append(turn)
        return {name: statistics.median(turn[name] for turn in turns) for name in places}


def test_cpu_per_request() -> None:
    for route in ROUTES:
        figures = measure(route)
        bare = figures["aiohttp by hand"]
        print(f"\n{route}")
        for name, figure in figures.items():
            print(f"  {name:<24} {figure:7.0f} us CPU   {figure / bare:5.2f} x")


def test_start_and_memory() -> None:
    found = [server for server in STARTERS if all(find_spec(module) for module in server.needs)]
    seconds: dict[str, list[float]] = {server.name: [] for server in found}
    mebibytes: dict[str, list[float]] = {server.name: [] for server in found}
    for server in found:
        with running(server):
            pass
    for _ in range(STARTS):
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
    test_cpu_per_request()
    test_start_and_memory()
