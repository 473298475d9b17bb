"""The tasks that a worker holds, from their arrival until their results have been taken."""

import asyncio
import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fw_rxon import TaskMessage, TaskResult
from fw_worker import TaskContext
from fw_worker.bound_skill import BoundSkill
from fw_worker.capacity import Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.declared import SkillItem
from fw_worker.outcome import Outcome
from fw_worker.threads import SkillThreads
from fw_worker.workload import Workload

from .fake_orchestrator import PATIENCE

TASK = TaskMessage(job_id="j", task_id="t", type="it")


class Delivered:
    """Takes every result, once it may."""

    def __init__(self) -> None:
        self.results: list[TaskResult] = []
        self.may = asyncio.Event()
        self.may.set()

    async def deliver(self, result: TaskResult) -> None:
        """As `Delivery` does."""
        await self.may.wait()
        self.results.append(result)


async def never(_: bytes) -> bytes:
    """A message that is not answered."""
    await asyncio.Event().wait()
    return b""


def workload(function: Callable[..., Any], delivered: Delivered) -> Workload:
    skill = BoundSkill(SkillItem("it", function), "here", lambda prepared: prepared, contextlib.nullcontext)
    catalogue = Catalogue([skill], {})
    return Workload(
        settings=WorkerSettings(id="w1"),
        catalogue=catalogue,
        transport=cast("Any", SimpleNamespace(event=never)),
        delivery=cast("Any", delivered),
        capacity=Capacity(catalogue.limits(1)),
        threads=SkillThreads(),
        closing=Closing(),
        observation=cast("Any", SimpleNamespace(task=lambda *_, **__: contextlib.nullcontext(lambda _: None))),
    )


@pytest.mark.parametrize("why, status", [("cancelled", "cancelled"), ("the stop", "failure")])
async def test_a_task_that_is_stopped_the_moment_it_comes_is_not_begun(why: str, status: str) -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("work")

    delivered = Delivered()
    load = workload(work, delivered)
    async with asyncio.TaskGroup() as group:
        load.accept(TASK, group)
        if why == "cancelled":
            load.stop("t")
        load.stop_all()
    assert ([one.status for one in delivered.results], begun) == ([status], [])


async def test_a_task_is_held_until_its_result_has_been_taken_and_may_come_again_then() -> None:
    async def work() -> None: ...

    delivered = Delivered()
    load = workload(work, delivered)
    for number in (1, 2):
        delivered.may.clear()
        async with asyncio.TaskGroup() as group:
            load.accept(TASK, group)
            load.accept(TASK, group)
            await asyncio.sleep(0)
            assert list(load.held) == ["t"]
            delivered.may.set()
        assert list(load.held) == []
        assert [one.status for one in delivered.results] == ["success"] * number


async def test_a_task_that_cannot_be_started_is_reported_once_at_a_time() -> None:
    async def work() -> None: ...

    delivered = Delivered()
    load = workload(work, delivered)
    async with asyncio.TaskGroup() as group:
        load.report("j", "t", Outcome(), group)
        load.report("j", "t", Outcome(), group)
    assert (load.held, len(delivered.results)) == ((), 1)


async def test_a_worker_that_breaks_down_leaves_no_reports_behind() -> None:
    async def work(context: TaskContext) -> None:
        await context.progress(0.5)
        await asyncio.Event().wait()

    def reports() -> list[str]:
        return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("reports")]

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            load.accept(TASK, group)

    load = workload(work, Delivered())
    running = asyncio.create_task(run())
    async with asyncio.timeout(PATIENCE):
        while not reports():  # noqa: ASYNC110 - nothing announces that a task was made
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        await asyncio.sleep(0)
    assert reports() == []
