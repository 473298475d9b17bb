"""What jobs cost over HTTP, each row beside bare requests or a peer in the same run: CPU of the server, and ratios.

    uv run --all-packages python tests/benchmarks/bench_orchestrator_http.py [row …]

avtomatika is no dependency of this project; where it is installed, its memory storage is compared with, its logging
as it ships (to nowhere) and silenced:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-http \
        --with-editable ./plugins/fw-rxon --with-editable ./plugins/fw-orchestrator \
        --with-editable ./plugins/fw-store-sql --with avtomatika==1.0b30 \
        python tests/benchmarks/bench_orchestrator_http.py

Rows: ``server`` a one-state job, created and read once; ``task`` a job with one task: created, polled by one of eight
workers, its result handed in, read once; ``latency`` create to finished with one idle worker, all in one process. Linux
only: the CPU time of a server is read from its process.
"""

import asyncio
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aiohttp import web

from framework import App
from fw_http.facade import Http
from fw_orchestrator import MemoryStorage
from fw_orchestrator.model import JobStatus, Transition
from fw_orchestrator.store import JobStore
from fw_rxon import sign
from fw_store_sql import SQLStorage

HERE = Path(__file__).parent / "orchestrator_servers"
sys.path.insert(0, str(HERE))

from own import CLIENT_TOKEN, WORKER_TOKEN, application  # type: ignore[import-not-found]  # noqa: E402 - it lies beside

JOBS = 2_000
IN_FLIGHT = 16
WORKERS = 8
TURNS = 5


@dataclass
class Server:
    """A program, and the CPU seconds per unit that its turns have taken."""

    name: str
    program: str
    arguments: tuple[str, ...] = ()
    spent: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.spent)


def servers(folder: str) -> list[Server]:
    found = [Server("memory", "own.py", ("memory",)), Server("SQLite", "own.py", (f"{folder}/jobs.db",))]
    peers = [Server(f"avtomatika, {logs}", "on_avtomatika.py", (logs,)) for logs in ("shipped", "silent")]
    return [*found, *peers] if find_spec("avtomatika") else found


def started(server: Server, stack: AsyncExitStack) -> tuple[int, str]:
    """The process of a server and its URL."""
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, str(HERE / server.program), *server.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    assert process.stdin is not None
    stack.callback(process.stdin.close)
    assert process.stdout is not None
    return process.pid, process.stdout.readline().strip()


def cpu_of(pid: int) -> float:
    """Seconds that all threads of a process have used. Source: clock_getcpuclockid(3), as Linux makes its answer."""
    return time.clock_gettime(~pid << 3 | 2)


async def together(number: int, at_once: int, deed: Callable[[], Awaitable[object]]) -> None:
    """Do it so often, so many at once."""
    numbers = iter(range(number))

    async def one_after_the_other() -> None:
        for _ in numbers:
            await deed()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())


async def cpu_per(number: int, pid: int, deed: Callable[[], Awaitable[object]]) -> float:
    before = cpu_of(pid)
    await together(number, IN_FLIGHT, deed)
    await asyncio.sleep(0.2)
    return (cpu_of(pid) - before) / number


class Client:
    """Sends requests whole, each in one piece, over connections that it keeps."""

    def __init__(self, url: str) -> None:
        self._address = url.removeprefix("http://").split(":")
        self._head = (
            f"Host: {':'.join(self._address)}\r\nX-Client-Token: {CLIENT_TOKEN}\r\nX-Worker-Token: {WORKER_TOKEN}\r\n"
        )
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, method: str, path: str, body: bytes = b"", worker: str = "") -> tuple[int, bytes]:
        """The status and the body of the answer."""
        reader, writer = await self._connection()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if worker:
            head += f"X-Worker-ID: {worker}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(answer[9:12])
        length = int(answer.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        found = await reader.readexactly(length) if length else b""
        self._free.append((reader, writer))
        return status, found

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()  # it was idle for too long
        return await asyncio.open_connection(*self._address)

    async def close(self) -> None:
        for _, writer in self._free:
            writer.close()


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Client]:
    made = Client(url)
    try:
        yield made
    finally:
        await made.close()


async def created(session: Client, name: str, prefix: str = "/api/v1/jobs") -> str:
    status, body = await session.ask("POST", f"{prefix}/{name}", b'{"initial_data": {}}')
    assert status == HTTPStatus.ACCEPTED, body
    return str(json.loads(body)["job_id"])


async def looked_at(session: Client, job: str) -> Any:
    _, body = await session.ask("GET", f"/api/v1/jobs/{job}")
    found = json.loads(body)
    assert found["id"] == job
    return found


async def greeted(session: Client) -> None:
    status, _ = await session.ask("GET", "/hello")
    assert status == HTTPStatus.OK


class Crew:
    """Workers that take tasks and hand results in."""

    def __init__(self, session: Client, *, signs: bool) -> None:
        self._session = session
        self._signs = signs
        self._handed_in: dict[str, asyncio.Future[None]] = {}
        self.lost = 0

    async def send(self, path: str, message: dict[str, Any]) -> None:
        worker = message["worker_id"]
        if self._signs:  # as the public SDK does
            message["timestamp"] = int(time.time())
            signature = sign(json.dumps(message).encode(), WORKER_TOKEN)
            message["security"] = {"signature": signature, "signer_id": worker}
        status, body = await self._session.ask("POST", path, json.dumps(message).encode(), worker)
        assert status == HTTPStatus.OK, body

    async def register(self, worker: str) -> None:
        skill = {"name": "echo", "type": "echo"}
        await self.send(
            "/_worker/workers/register",
            {"worker_id": worker, "supported_skills": [skill], "available_skills": ["echo"]},
        )

    async def poll(self, worker: str) -> dict[str, Any] | None:
        path = f"/_worker/workers/{worker}/tasks/next?timeout=30&available_skills=echo"
        status, body = await self._session.ask("GET", path, worker=worker)
        return json.loads(body) if status == HTTPStatus.OK else None

    async def hand_in(self, worker: str, task: dict[str, Any]) -> None:
        result = {"worker_id": worker, "job_id": task["job_id"], "task_id": task["task_id"], "data": {"answer": 42}}
        await self.send("/_worker/tasks/result", result)

    async def work(self, worker: str) -> None:
        """Until cancelled."""
        while True:
            task = await self.poll(worker)
            if task is not None:
                await self.hand_in(worker, task)
                self._future(task["job_id"]).set_result(None)

    def _future(self, job: str) -> asyncio.Future[None]:
        if job not in self._handed_in:
            self._handed_in[job] = asyncio.get_running_loop().create_future()
        return self._handed_in[job]

    async def result_of(self, job: str) -> None:
        """Wait until the result of the task of a job has been accepted. The peer loses some: that is counted."""
        try:
            async with asyncio.timeout(1):
                await self._future(job)
        except TimeoutError:
            self.lost += 1
        del self._handed_in[job]


@asynccontextmanager
async def crew_at_work(session: Client, number: int, *, signs: bool = True) -> AsyncIterator[Crew]:
    crew = Crew(session, signs=signs)
    names = [f"worker-{n}" for n in range(number)]
    for name in names:
        await crew.register(name)
    at_work = [asyncio.create_task(crew.work(name)) for name in names]
    await asyncio.sleep(0.2)
    try:
        yield crew
    finally:
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


Deed = Callable[[Client, Crew], Awaitable[object]]


async def one_state(session: Client, _crew: Crew) -> None:
    await looked_at(session, await created(session, "one"))


async def one_task(session: Client, crew: Crew) -> None:
    made = await created(session, "task")
    await crew.result_of(made)
    await looked_at(session, made)


async def measured(deed: Deed) -> list[Server]:
    """All servers, in turns."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        running = []
        for server in servers(folder):
            pid, url = started(server, stack)
            session = await stack.enter_async_context(client(url))
            # One crew for all turns: the peer goes on giving tasks to workers that have left.
            crew = await stack.enter_async_context(crew_at_work(session, WORKERS))
            running.append((server, pid, session, crew))
        for turn in range(TURNS + 1):
            for server, pid, session, crew in running:
                number = JOBS if server.program == "own.py" else JOBS // 8
                if server.program == "own.py":
                    server.bare.append(await cpu_per(number, pid, partial(greeted, session)))
                server.spent.append(await cpu_per(number, pid, partial(deed, session, crew)))
                if not turn:  # everything is warm now
                    server.bare.clear()
                    server.spent.clear()
        for server, _, _, crew in running:
            server.lost = crew.lost
        return [server for server, *_ in running]


def compared(found: list[Server], what: str) -> None:
    peers = [server for server in found if server.program != "own.py"]
    for server in found:
        beside = f"; {server.median / statistics.median(server.bare):.2f} bare requests" if server.bare else ""
        if server not in peers:
            beside += "".join(f"; {server.median / peer.median:.2f} of {peer.name}" for peer in peers)
        lost = f"; {server.lost} of its jobs got no task in 1 s" if server.lost else ""
        print(f"{server.name:20} {server.median * 1e6:6.0f} us CPU of the server per {what}{beside}{lost}")


def row_server() -> None:
    compared(asyncio.run(measured(one_state)), "one-state job, created and read")


def row_task() -> None:
    compared(asyncio.run(measured(one_task)), "job with one task")


class Noting(MemoryStorage):
    """Notes when a job has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = asyncio.Event()

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        answers = await super().commit(transitions)
        if any(transition.status is JobStatus.FINISHED for transition in transitions):
            self.ended.set()
        return answers


class NotingOnDisk(SQLStorage):
    """The same on SQLite."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.ended = asyncio.Event()

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        answers = await super().commit(transitions)
        if any(transition.status is JobStatus.FINISHED for transition in transitions):
            self.ended.set()
        return answers


async def bare_requests(session: Client, crew: Crew) -> None:
    """The requests of a job with one task, answered with the same bytes by handlers that do nothing else."""
    await created(session, "create", "/bare")
    status, body = await session.ask("GET", "/bare/next?timeout=30&available_skills=echo", worker="worker-0")
    assert status == HTTPStatus.OK
    task = json.loads(body)
    await crew.send("/bare/result", {"worker_id": "worker-0", "job_id": task["job_id"], "task_id": task["task_id"]})


async def latencies(store: Noting | NotingOnDisk) -> tuple[list[float], list[float]]:
    """Seconds of three bare requests one after the other, and from create to finished."""
    bare: list[float] = []
    jobs: list[float] = []
    kept: JobStore = store
    app = application(kept)
    declare_bare(app)
    async with app, client(app.http.url) as session, crew_at_work(session, 1, signs=False) as crew:
        for number in range(1_100):
            began = time.perf_counter()
            await bare_requests(session, crew)
            bare.append(time.perf_counter() - began)
            await asyncio.sleep(0.002)  # the worker is idle again
            store.ended.clear()
            began = time.perf_counter()
            await created(session, "task")
            await store.ended.wait()
            jobs.append(time.perf_counter() - began)
            await asyncio.sleep(0.002)
            if number == 100:
                bare.clear()
                jobs.clear()
    return bare, jobs


def declare_bare(app: App) -> None:
    """Add requests like those of a job with one task, without a job."""
    http = app.facade(Http)
    job, task = "01a201b2-75cf-7471-8023-016f194456e7", "task-01a201b2-75cf-7471-8023-016f194456e8"
    message = {"job_id": job, "task_id": task, "type": "echo", "params": {}, "timestamp": 1_795_295_014}

    @http.route("/bare/create", methods=["POST"])
    async def create(request: web.Request) -> web.Response:
        assert json.loads(await request.read()) == {"initial_data": {}}
        return web.json_response({"job_id": job, "status": "accepted"}, status=202)

    @http.route("/bare/next")
    async def next_task(request: web.Request) -> web.Response:
        return web.json_response(message)

    @http.route("/bare/result", methods=["POST"])
    async def result(request: web.Request) -> web.Response:
        assert json.loads(await request.read())["job_id"] == job
        return web.json_response({"status": "accepted"})


async def latency() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, store in (("memory", Noting()), ("SQLite", NotingOnDisk(f"sqlite:///{folder}/jobs.db"))):
            bare, jobs = await latencies(store)
            for label, at in (("p50", 49), ("p99", 98)):
                base, found = (statistics.quantiles(values, n=100)[at] for values in (bare, jobs))
                print(
                    f"{name} {label}: create to finished {found * 1e3:5.2f} ms, bare requests {base * 1e3:5.2f} ms: "
                    f"{found / base:.2f} times as long"
                )


def row_latency() -> None:
    asyncio.run(latency())


ROWS = {"server": row_server, "task": row_task, "latency": row_latency}


def main(names: list[str]) -> None:
    logging.disable(logging.WARNING)
    for name in names or ROWS:
        print(f"-- {name}")
        ROWS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
