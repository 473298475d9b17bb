"""Metrics and log lines of tasks, through the plugins that are on."""

import asyncio
import logging
from typing import Any

import pytest

from framework import App
from fw_worker import TaskFailed
from fw_worker.facade import WorkerFacade

from .conftest import QUICK
from .fake_orchestrator import TOKEN, FakeOrchestrator, error


def observed(orchestrator: FakeOrchestrator) -> App:
    worker = {"url": orchestrator.url, "token": TOKEN, "id": "w-1"} | QUICK
    app = App("seen", plugins=["worker", "observability", "logging"], defaults={"worker": worker})
    app.worker.skill("well")(lambda: None)

    @app.facade(WorkerFacade).skill("badly")
    async def badly() -> None:
        logging.getLogger("films").warning("about to fail")
        raise TaskFailed("PERMANENT_ERROR", "as told")

    return app


def shown(app: App) -> dict[tuple[str, ...], float]:
    """Counters and gauges of the worker, by name and labels."""
    return {
        (family.name, *labels): series.value
        for family in app.metrics.families
        if family.name.startswith("worker_") and not family.name.endswith("seconds")
        for labels, series in family.series
    }


async def test_tasks_and_results_are_counted(orchestrator: FakeOrchestrator) -> None:
    app = observed(orchestrator)
    orchestrator.refuse("result", error(500))
    async with app:
        for number in range(2):
            await orchestrator.give(f"well-{number}", "well")
        await orchestrator.give("badly-0", "badly")
        await orchestrator.give("odd-0", "a name that somebody else chose")
        for name in ("well-0", "well-1", "badly-0", "odd-0"):
            await orchestrator.result(name)
    assert shown(app) == {
        ("worker_tasks_running",): 0,
        ("worker_tasks", "well", "success"): 2,
        ("worker_tasks", "badly", "PERMANENT_ERROR"): 1,
        ("worker_tasks", "unknown", "PERMANENT_ERROR"): 1,
        ("worker_results", "taken"): 4,
    }


async def test_lines_of_a_task_carry_its_ids(orchestrator: FakeOrchestrator, capfd: pytest.CaptureFixture[str]) -> None:
    app = observed(orchestrator)
    async with app:
        await orchestrator.give("badly-0", "badly")
        await orchestrator.result("badly-0")
    [line] = [line for line in capfd.readouterr().err.splitlines() if "about to fail" in line]
    for part in ("badly-0", "job-of-badly-0"):
        assert part in line


async def test_without_those_plugins_nothing_is_missing(orchestrator: FakeOrchestrator, make_app: Any) -> None:
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    async with app, asyncio.timeout(10):
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert not hasattr(app, "no such facade")
