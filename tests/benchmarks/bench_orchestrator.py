"""What the orchestrator costs, each row beside a bare baseline in the same run: CPU time per unit, and the ratio.

    uv run --all-packages python tests/benchmarks/bench_orchestrator.py [row …]

Rows: ``durable`` three-state jobs in process on SQLite, beside a bare writer of the same rows; ``pollers`` CPU per task
handed out with 10 and with 5,000 workers waiting; ``waiting`` memory and idle CPU with 10,000 jobs that wait.
"""

import asyncio
import gc
import json
import logging
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from framework import App
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.store import JobStore
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


class Writer:
    """The floor: whatever is queued is written in one transaction, in the loop."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for line in ("journal_mode = WAL", "synchronous = FULL"):
            self.connection.execute(f"PRAGMA {line}").fetchall()
        self.connection.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, version INTEGER, state TEXT, data TEXT)")
        self.connection.execute(
            "CREATE TABLE history (seq INTEGER PRIMARY KEY, job TEXT, at REAL, event TEXT, state TEXT)"
        )
        self.queue: deque[tuple[Any, asyncio.Future[bool]]] = deque()

    async def write(self, statement: Any) -> bool:
        future = asyncio.get_running_loop().create_future()
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
        job, data = f"{number:032x}", json.dumps({"number": number})
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
            await together(JOBS, IN_FLIGHT, lambda number: app.orchestrator.create_job("three", {"number": number}))
            while engine.counted["jobs_finished"] < JOBS:
                await asyncio.sleep(0.001)

        return await spent(JOBS, all_jobs())


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


ROWS = {"durable": row_durable}


def main(names: list[str]) -> None:
    logging.disable(logging.WARNING)
    for name in names or ROWS:
        print(f"-- {name}")
        ROWS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
