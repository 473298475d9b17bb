"""From a task on the wire to a result on the wire."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from framework import App, Depends
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


@dataclass
class Report:
    name: str
    folder: Path


@dataclass
class Shelf:
    name: str


async def test_async_skill_gets_its_parameters_and_its_mapping_becomes_the_data(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("add")
    async def add(first: int, second: int = 10) -> dict[str, int]:
        return {"sum": first + second}

    async with app:
        await orchestrator.give("task-1", "add", {"first": 5})
        result = await orchestrator.result("task-1")
    assert result["data"] == {"sum": 15}
    assert "status" not in result
    assert (result["job_id"], result["worker_id"], result["origin_worker_id"]) == ("job-of-task-1", "w-1", "w-1")
    assert result["costs"]["execution_time_seconds"] >= 0
    assert isinstance(result["timestamp"], int)


async def test_sync_skill_runs_in_a_thread_beside_others(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app(concurrency=2)
    both = threading.Barrier(2, timeout=5)

    @app.facade(WorkerFacade).skill("meet")
    def meet() -> Report:
        both.wait()
        return Report(threading.current_thread().name, Path("a/b"))

    async with app:
        await orchestrator.give("task-1", "meet")
        await orchestrator.give("task-2", "meet")
        results = [await orchestrator.result("task-1"), await orchestrator.result("task-2")]
    assert all(result["data"]["name"].startswith("skill") for result in results)
    assert results[0]["data"]["folder"] == str(Path("a/b"))


async def test_skill_with_raw_params_gets_the_object(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("keys")
    def keys(params: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        return {"keys": sorted(params), "task": context.task_id, "job": context.job_id, "deadline": context.deadline}

    async with app:
        await orchestrator.give("task-1", "keys", {"b": 1, "a": None}, deadline=1795295014)
        result = await orchestrator.result("task-1")
    assert result["data"] == {"keys": ["a", "b"], "task": "task-1", "job": "job-of-task-1", "deadline": 1795295014}


@pytest.mark.parametrize("in_thread", [True, False])
async def test_parameters_marked_depends_come_from_the_container(
    orchestrator: FakeOrchestrator, make_app: MakeApp, in_thread: bool
) -> None:
    app = make_app()
    app.provide(Shelf, lambda: Shelf("top"))

    def look(name: str, shelf: Shelf = Depends()) -> dict[str, str]:
        return {"found": f"{name} on {shelf.name}"}

    async def look_on_the_loop(name: str, shelf: Shelf = Depends()) -> dict[str, str]:
        return look(name, shelf)

    app.facade(WorkerFacade).skill("look")(look if in_thread else look_on_the_loop)
    async with app:
        (registration, *_) = await orchestrator.count("register", 1)
        await orchestrator.give("task-1", "look", {"name": "salt"})
        result = await orchestrator.result("task-1")
    assert result["data"] == {"found": "salt on top"}
    assert list(registration["supported_skills"][0]["input_schema"]["properties"]) == ["name"]


@pytest.mark.parametrize("in_thread", [True, False])
async def test_a_task_has_a_scope_that_is_closed_on_the_loop_when_it_ends(
    orchestrator: FakeOrchestrator, make_app: MakeApp, in_thread: bool
) -> None:
    """K32: what a function in a thread needs is waited for on the loop."""
    app = make_app()
    closed: list[tuple[str, bool]] = []

    async def open_shelf() -> AsyncIterator[Shelf]:
        shelf, loop = Shelf("free"), asyncio.get_running_loop()
        yield shelf
        closed.append((shelf.name, loop is asyncio.get_running_loop()))

    app.provide(Shelf, open_shelf, lifetime="scoped")

    def put(name: str, shelf: Shelf = Depends()) -> dict[str, str]:
        before, shelf.name = shelf.name, name
        return {"before": before, "thread": threading.current_thread().name}

    async def put_on_the_loop(name: str, shelf: Shelf = Depends()) -> dict[str, str]:
        return put(name, shelf)

    app.facade(WorkerFacade).skill("put")(put if in_thread else put_on_the_loop)
    async with app:
        for name in ("salt", "tea"):
            await orchestrator.give(f"task-{name}", "put", {"name": name})
            result = await orchestrator.result(f"task-{name}")
            assert result["data"]["before"] == "free"
            assert result["data"]["thread"].startswith("skill") is in_thread
    assert closed == [("salt", True), ("tea", True)]


async def test_registration_carries_the_catalogue_with_schemas(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(type="gpu")

    @app.facade(WorkerFacade).skill("resize", description="Make it smaller.")
    def resize(path: Path, width: int = 100) -> None: ...

    async with app:
        (registration, *_) = await orchestrator.count("register", 1)
        (poll, *_) = await orchestrator.count("poll", 1)
    (skill,) = registration["supported_skills"]
    assert (registration["worker_id"], registration["worker_type"]) == ("w-1", "gpu")
    assert registration["available_skills"] == ["resize"]
    assert skill["name"] == "resize"
    assert skill["description"] == "Make it smaller."
    assert skill["input_schema"]["properties"] == {"path": {"type": "string"}, "width": {"type": "integer"}}
    assert skill["input_schema"]["required"] == ["path"]
    assert poll == {"timeout": "5", "available_skills": "resize"}


async def test_progress_is_told_from_loop_and_thread(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("walk")
    async def walk(context: TaskContext) -> None:
        await context.progress(0.5, "half")

    @app.facade(WorkerFacade).skill("run")
    def run(context: TaskContext) -> None:
        context.progress(1, "all")

    async with app:
        await orchestrator.give("task-1", "walk")
        await orchestrator.give("task-2", "run")
        events = await orchestrator.count("event", 2)
    by_task = {event["target_task_id"]: event for event in events}
    assert by_task["task-1"]["payload"] == {"progress": 0.5, "message": "half"}
    assert by_task["task-2"]["payload"] == {"progress": 1, "message": "all"}
    assert by_task["task-1"]["event_type"] == "progress"
    assert by_task["task-1"]["target_job_id"] == "job-of-task-1"


async def test_no_more_than_concurrency_tasks_run_and_one_poll_waits(
    orchestrator: FakeOrchestrator, make_app: MakeApp, gate: threading.Event
) -> None:
    app = make_app(concurrency=2)
    running = 0
    most = 0
    full = asyncio.Event()
    go_on = asyncio.Event()

    @app.facade(WorkerFacade).skill("count")
    async def count() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            full.set()
        await go_on.wait()
        running -= 1

    async with app:
        for number in range(5):
            await orchestrator.give(f"task-{number}", "count")
        await full.wait()
        # Two more heartbeats pass without a further task being fetched.
        beats = len(orchestrator.heard["heartbeat"])
        await orchestrator.count("heartbeat", beats + 2)
        assert len(orchestrator.tasks) == 3
        assert orchestrator.heard["heartbeat"][-1]["status"] == "full"
        assert sorted(orchestrator.heard["heartbeat"][-1]["current_tasks"]) == ["task-0", "task-1"]
        go_on.set()
        for number in range(5):
            await orchestrator.result(f"task-{number}")
    assert most == 2
    assert orchestrator.most_polls == 1


async def test_task_that_arrives_twice_while_it_runs_is_run_once(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    calls = 0
    go_on = asyncio.Event()

    @app.facade(WorkerFacade).skill("once")
    async def once() -> None:
        nonlocal calls
        calls += 1
        await go_on.wait()

    async with app:
        await orchestrator.give("task-1", "once")
        await orchestrator.give("task-1", "once")
        await orchestrator.count("poll", 3)
        go_on.set()
        await orchestrator.result("task-1")
    assert calls == 1
    assert len(orchestrator.heard["result"]) == 1


def test_importing_the_package_imports_no_http_client() -> None:
    # The facade and the context are what a user's module imports; a fresh interpreter shows their price.
    import subprocess

    code = "import sys, fw_worker, fw_worker.facade; sys.exit('aiohttp' in sys.modules or 'msgspec' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
