"""What the orchestrator costs, each row beside a bare baseline in the same run: CPU time per unit, and the ratio.

    uv run --all-packages python tests/benchmarks/bench_orchestrator.py [row …]

DBOS is no dependency of this project; where it is installed, ``durable`` compares with it:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-http \
        --with-editable ./plugins/fw-rxon --with-editable ./plugins/fw-orchestrator \
        --with-editable ./plugins/fw-store-sql --with dbos python tests/benchmarks/bench_orchestrator.py durable

Rows: ``durable`` three-state jobs in process on SQLite, beside a bare writer of the same rows; ``pollers`` CPU per task
handed out with 10 and with 5,000 workers waiting; ``waiting`` memory and idle CPU with 10,000 jobs that wait. Linux
only. What jobs cost over HTTP is in ``bench_orchestrator_http.py``.
"""

import asyncio
import gc
import json
import logging
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from framework import App
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.store import JobStore
from fw_rxon import TaskResult
from fw_store_sql import SQLStorage

JOBS = 3_000
IN_FLIGHT = 100
TURNS = 3


def three_states() -> StateMachineBlueprint:
    made = StateMachineBlueprint("three", api_endpoint="/jobs/three")

    @made.handler_for(is_start=True)
    def start(actions: ActionFactory) -> None:
        actions.transition_to("middle")

    @made.handler_for()
    def middle(actions: ActionFactory) -> None:
        actions.transition_to("done")

    @made.handler_for(is_end=True)
    def done() -> None: ...

    return made


def one_task() -> StateMachineBlueprint:
    made = StateMachineBlueprint("task", api_endpoint="/jobs/task")

    @made.handler_for(is_start=True)
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", {}, transitions={"success": "done"})

    @made.handler_for(is_end=True)
    def done() -> None: ...

    return made


@asynccontextmanager
async def running(store: JobStore, blueprint: StateMachineBlueprint, **settings: Any) -> AsyncIterator[App]:
    tokens = {"client_token": "c", "worker_token": "w"}
    defaults = {"http": {"host": "127.0.0.1", "port": 0}, "orchestrator": tokens | settings}
    app = App("bench", plugins=["orchestrator"], defaults=defaults)
    app.provide(JobStore, lambda: store)
    app.orchestrator.register_blueprint(blueprint)

    app.bootstrap()
    await app.start()
    await app.ready()
    try:
        yield app
    finally:
        await app.stop()


async def together(number: int, at_once: int, deed: Callable[[int], Awaitable[object]]) -> None:
    """Do it for every number, so many at once."""
    numbers = iter(range(number))

    async def one_after_the_other() -> None:
        for n in numbers:
            await deed(n)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())


async def until(reached: Callable[[], bool], look: float) -> None:
    """Look now and then until something is so: nothing tells a benchmark."""
    while not reached():  # noqa: ASYNC110 (see above)
        await asyncio.sleep(look)


class Writer:
    """The floor: whatever is queued is written in one transaction, in the loop."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for line in ("journal_mode = WAL", "synchronous = FULL"):
            self.connection.execute(f"PRAGMA {line}").fetchall()
        # Some state, so that an update has something to write.
        self.state = "x" * 700
        self.connection.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, version INTEGER, state TEXT, data TEXT)")
        self.connection.execute(
            "CREATE TABLE history (seq INTEGER PRIMARY KEY, job TEXT, at REAL, event TEXT, state TEXT)"
        )
        self.queue: deque[tuple[Any, asyncio.Future[bool]]] = deque()

    async def write(self, statement: Any) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.queue.append((statement, future))
        if len(self.queue) == 1:
            asyncio.get_running_loop().call_soon(self.flush)
        return await future

    def flush(self) -> None:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        answers = []
        for (sql, values, event), future in self.queue:
            accepted = connection.execute(sql, values).rowcount == 1
            if accepted:
                connection.execute("INSERT INTO history (job, at, event, state) VALUES (?, ?, ?, ?)", event)
            answers.append((future, accepted))
        connection.execute("COMMIT")
        self.queue.clear()
        for future, accepted in answers:
            future.set_result(accepted)

    async def job(self, number: int) -> None:
        job, data = f"{number:032x}", json.dumps({"number": number, "state": self.state})
        now = time.time()
        insert = "INSERT INTO jobs VALUES (?, 0, 'start', ?)"
        await self.write((insert, (job, data), (job, now, "created", "start")))
        update = "UPDATE jobs SET version = version + 1, state = ?, data = ? WHERE id = ? AND version = ?"
        for version, state in enumerate(("middle", "done", "finished")):
            accepted = await self.write((update, (state, data, job, version), (job, time.time(), "entered", state)))
            assert accepted


Spent = tuple[float, float]
"""CPU and wall seconds per unit."""


async def spent(units: int, deed: Awaitable[object]) -> Spent:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    await deed
    return (time.process_time() - cpu) / units, (time.perf_counter() - wall) / units


async def floor(path: Path) -> Spent:
    writer = Writer(path)
    found = await spent(JOBS, together(JOBS, IN_FLIGHT, writer.job))
    writer.connection.close()
    return found


async def durable(path: Path) -> Spent:
    async with running(SQLStorage(f"sqlite:///{path}"), three_states()) as app:
        engine = app.container.get(Engine)

        async def all_jobs() -> None:
            await together(
                JOBS,
                IN_FLIGHT,
                lambda number: app.orchestrator.create_job("three", {"number": number, "state": "x" * 700}),
            )
            await until(lambda: engine.counted["jobs_finished"] >= JOBS, 0.001)

        return await spent(JOBS, all_jobs())


def dbos(path: str) -> Spent:
    """Workflows of three steps, eight at once."""
    library = import_module("dbos").DBOS
    library(config={"name": "bench", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"})
    step = library.step()(lambda number: number)
    flow = library.workflow()(lambda number: step(step(step(number))))
    library.launch()
    flow(0)
    number = 200
    cpu, wall = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flow, range(number)))
    found = (time.process_time() - cpu) / number, (time.perf_counter() - wall) / number
    library.destroy()
    return found


def row_durable() -> None:
    found: dict[str, list[Spent]] = {"floor": [], "fw on SQLite": []}
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            found["floor"].append(asyncio.run(floor(Path(folder, "floor.db"))))
            found["fw on SQLite"].append(asyncio.run(durable(Path(folder, "jobs.db"))))
    bare = [statistics.median(values) for values in zip(*found["floor"], strict=True)]
    for name, turns in found.items():
        cpu, wall = (statistics.median(values) for values in zip(*turns, strict=True))
        print(
            f"{name:14} {cpu * 1e6:8.0f} us CPU {wall * 1e6:8.0f} us per job, {1 / wall:8.0f} jobs/s: "
            f"{bare[0] / cpu:5.0%} of the floor by CPU, {bare[1] / wall:5.0%} by time"
        )
    if find_spec("dbos"):
        with tempfile.TemporaryDirectory() as folder:
            peer, time_of_peer = dbos(f"{folder}/dbos.db")
        cpu, wall = (statistics.median(values) for values in zip(*found["fw on SQLite"], strict=True))
        print(
            f"DBOS on SQLite {peer * 1e6:8.0f} us CPU {time_of_peer * 1e6:8.0f} us per workflow of three steps: ",
            end="",
        )
        print(f"{peer / cpu:.0f} times as much CPU, {time_of_peer / wall:.0f} times as long")


async def per_dispatch(waiting: int) -> float:
    """CPU seconds for a job with one task: made, given to one of the workers that wait, its result taken."""
    dispatches = 400
    async with running(MemoryStorage(), one_task(), max_poll=3600.0) as app:
        engine, desk = app.container.get(Engine), app.container.get(Desk)

        async def worker(name: str) -> None:
            while True:
                task = await desk.next_task(name, ["echo"], 3600.0, lambda: False)
                assert task is not None
                await desk.take_result(name, TaskResult(job_id=task.job_id, task_id=task.task_id, data={}))

        workers = [asyncio.create_task(worker(f"w{number}")) for number in range(waiting)]
        await until(lambda: len(engine.pollers) >= waiting, 0.01)

        async def job(_: int) -> None:
            before = engine.counted["jobs_finished"]
            await app.orchestrator.create_job("task", {})
            await until(lambda: engine.counted["jobs_finished"] > before, 0)

        cpu, _ = await spent(dispatches, together(dispatches, 1, job))
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return cpu


def row_pollers() -> None:
    few, many = (statistics.median(asyncio.run(per_dispatch(n)) for _ in range(TURNS)) for n in (10, 5_000))
    print(f"10 workers wait:    {few * 1e6:6.0f} us CPU per job with one task")
    print(f"5,000 workers wait: {many * 1e6:6.0f} us CPU: {many / few:.2f} times as much")


def memory() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def wait_in_vain(path: Path) -> None:
    number, idle = 10_000, 10.0
    async with running(SQLStorage(f"sqlite:///{path}"), one_task()) as app:
        await together(200, IN_FLIGHT, lambda _: app.orchestrator.create_job("task", {}))
        await asyncio.sleep(1.0)
        before = memory()
        await together(number, IN_FLIGHT, lambda _: app.orchestrator.create_job("task", {}))
        engine = app.container.get(Engine)
        await until(lambda: engine.counted["jobs_waiting_for_worker"] >= number + 200, 0.1)
        await asyncio.sleep(1.0)
        grown = memory() - before
        cpu = time.process_time()
        await asyncio.sleep(idle)
        busy = (time.process_time() - cpu) / idle
        print(f"{number} jobs wait: {grown / number / 1024:.2f} KiB of memory each, {busy:.2%} CPU")


def row_waiting() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(wait_in_vain(Path(folder, "jobs.db")))


ROWS = {"durable": row_durable, "pollers": row_pollers, "waiting": row_waiting}


def main(names: list[str]) -> None:
    logging.disable(logging.WARNING)
    for name in names or ROWS:
        print(f"-- {name}")
        ROWS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
