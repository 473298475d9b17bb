"""What a worker costs beside its peer, against the same engine in one run: CPU of the worker's process per task.

The peer is no dependency of this project; run it in an environment that has it, and it compares:

    uv run --isolated --no-project --python 3.11 --with-editable ./kernel --with-editable ./plugins/fw-http \
        --with-editable ./plugins/fw-rxon --with-editable ./plugins/fw-orchestrator \
        --with-editable ./plugins/fw-worker --with avtomatika-worker==1.0b20 \
        python tests/benchmarks/bench_worker.py [row …]

Rows: ``async`` a coroutine function, ``thread`` a function that is none (the peer has no threads of its own: the same
coroutine function), ``signed`` tasks that the engine signs and the worker checks, ``events`` two reports of progress in
each task. Every row has the floor beside it: a loop of the same HTTP client that polls and answers, and does nothing
else. All sign their messages, except the floor. Linux only.
"""

import asyncio
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from framework import App
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.engine import Engine
from fw_orchestrator.store import JobStore

TASKS = 2_000
IN_FLIGHT = 20
TURNS = 3
KEY = "what tasks are signed with"

OURS = """
from framework import App
from fw_worker import TaskContext

app = App("bench", plugins=["worker"], defaults={"worker": {
    "url": %(url)r, "token": "not-the-default", "id": "bench", "concurrency": 10, "task_key": %(key)r}})

if %(row)r == "thread":
    @app.worker.skill("echo")
    def echo(params: dict) -> dict:
        return {"number": params["number"]}
elif %(row)r == "events":
    @app.worker.skill("echo")
    async def echo(params: dict, context: TaskContext) -> dict:
        await context.progress(0.5, "half")
        await context.progress(1.0, "all")
        return {"number": params["number"]}
else:
    @app.worker.skill("echo")
    async def echo(params: dict) -> dict:
        return {"number": params["number"]}

app.run(mode="worker")
"""

PEER = """
from avtomatika_worker import Worker

worker = Worker()

if %(row)r == "events":
    @worker.skill("echo")
    async def echo(params: dict, task_id: str, job_id: str, send_progress, **_):
        await send_progress(task_id, job_id, 0.5, "half")
        await send_progress(task_id, job_id, 1.0, "all")
        return {"status": "success", "data": {"number": params["number"]}}
else:
    @worker.skill("echo")
    async def echo(params: dict, **_):
        return {"status": "success", "data": {"number": params["number"]}}

worker.run()
"""

FLOOR = """
import asyncio, aiohttp

async def answer(session, task):
    body = {"job_id": task["job_id"], "task_id": task["task_id"], "data": {"number": task["params"]["number"]}}
    async with session.post("/_worker/tasks/result", json=body) as response:
        await response.json()

async def main():
    headers = {"X-Worker-Token": "not-the-default", "X-Worker-ID": "bench"}
    answers = set()
    async with aiohttp.ClientSession(%(url)r, headers=headers) as session:
        skills = [{"name": "echo"}]
        await (await session.post("/_worker/workers/register",
                                  json={"worker_id": "bench", "supported_skills": skills})).read()
        while True:
            async with session.get("/_worker/workers/bench/tasks/next?timeout=30&available_skills=echo") as response:
                if response.status == 200:
                    answers.add(task := asyncio.create_task(answer(session, await response.json())))
                    task.add_done_callback(answers.discard)

asyncio.run(main())
"""

PROGRAMS = {"floor": FLOOR, "fw-worker": OURS, "avtomatika-worker": PEER}


def one_task() -> StateMachineBlueprint:
    made = StateMachineBlueprint("task", api_endpoint="/jobs/task")

    @made.handler_for(is_start=True)
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.dispatch_task("echo", initial_data, transitions={"success": "done"})

    @made.handler_for(is_end=True)
    def done() -> None: ...

    return made


@asynccontextmanager
async def engine(row: str) -> AsyncIterator[App]:
    tokens = {"client_token": "c", "worker_token": "not-the-default", "secret_key": KEY if row == "signed" else ""}
    defaults: dict[str, dict[str, Any]] = {"http": {"host": "127.0.0.1", "port": 0}, "orchestrator": tokens}
    app = App("bench", plugins=["orchestrator"], defaults=defaults)
    app.provide(JobStore, MemoryStorage)
    app.orchestrator.register_blueprint(one_task())
    async with app:
        yield app


async def together(number: int, deed: Callable[[int], Awaitable[object]]) -> None:
    """Do it for every number, `IN_FLIGHT` at once."""
    numbers = iter(range(number))

    async def one_after_the_other() -> None:
        for n in numbers:
            await deed(n)

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(one_after_the_other())


def cpu_of(pid: int) -> float:
    """Seconds that all threads of a process have used. Source: clock_getcpuclockid(3), as Linux makes its answer."""
    return time.clock_gettime(~pid << 3 | 2)


async def measured(name: str, row: str) -> tuple[float, float]:
    """CPU of the worker's process and wall time, both in seconds per task."""
    async with engine(row) as app:
        counted = app.container.get(Engine).counted
        url = app.http.url.rstrip("/")
        program = PROGRAMS[name] % {"url": url, "row": row, "key": KEY if row == "signed" else ""}
        environment = {
            **os.environ,
            "ORCHESTRATOR_URL": url,
            "WORKER_ID": "bench",
            "WORKER_TOKEN": "not-the-default",
            "LOG_LEVEL": "WARNING",
            **({"ORCHESTRATOR_SECRET_KEY": KEY, "REQUIRE_TASK_SIGNATURE": "true"} if row == "signed" else {}),
        }

        async def jobs(number: int) -> None:
            wanted = counted["jobs_finished"] + number

            async def job(n: int) -> None:
                job_id = await app.orchestrator.create_job("task", {"number": n})
                while (await app.orchestrator.job(job_id)).status != "finished":  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.002)

            await together(number, job)
            assert counted["jobs_finished"] >= wanted

        with subprocess.Popen(  # noqa: ASYNC220 - starting a process takes no time that is measured
            [sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                await jobs(300)
                cpu, wall = cpu_of(process.pid), time.perf_counter()
                await jobs(TASKS)
                wall = time.perf_counter() - wall
                await asyncio.sleep(0.2)
                return (cpu_of(process.pid) - cpu) / TASKS, wall / TASKS
            finally:
                process.kill()


def print_row(row: str) -> None:
    names = [name for name in PROGRAMS if name != "avtomatika-worker" or find_spec("avtomatika_worker")]
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(TURNS):
        for name in names:
            turns[name].append(asyncio.run(measured(name, row)))
    own = statistics.median(cpu for cpu, _ in turns["fw-worker"])
    print(f"-- {row}", flush=True)
    for name, found in turns.items():
        cpu, wall = (statistics.median(values) for values in zip(*found, strict=True))
        print(
            f"{name:18} {cpu * 1e6:6.0f} us CPU per task, {1 / wall:6.0f} tasks/s; fw-worker is {own / cpu:.2f} of it"
        )


ROWS = ("async", "thread", "signed", "events")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    for wanted in sys.argv[1:] or ROWS:
        print_row(wanted)
