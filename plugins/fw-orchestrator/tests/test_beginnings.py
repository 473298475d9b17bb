"""Work that is begun where it is found: a task only if it waits, and then as if it had been one from the beginning."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.beginnings import begin
from fw_orchestrator.engine import Engine
from fw_orchestrator.model import JobStatus

from .orchestration import flow, site

place: ContextVar[str] = ContextVar("place", default="outside")


async def test_what_need_not_wait_is_done_when_begin_returns() -> None:
    done: list[str] = []

    async def work() -> None:
        place.set("inside")
        done.append(place.get())

    async with asyncio.TaskGroup() as group:
        before = asyncio.all_tasks()
        begin(work(), group, "work", at_once=True)
        assert done == ["inside"]
        assert asyncio.all_tasks() == before
        assert place.get() == "outside"


async def test_what_waits_goes_on_in_a_task_of_the_group_with_its_own_context() -> None:
    told = asyncio.get_running_loop().create_future()
    done: list[Any] = []

    async def work() -> None:
        place.set("inside")
        done.append(await told)
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        done.append(place.get())

    async with asyncio.TaskGroup() as group:
        begin(work(), group, "work", at_once=True)
        told.set_result("told")
    assert done == ["told", "inside"]
    assert place.get() == "outside"


async def test_errors_reach_the_work_that_waits_for_them() -> None:
    told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done: list[str] = []

    async def work() -> None:
        try:
            await told
        except ValueError:
            await asyncio.sleep(0)
            done.append("heard")

    async with asyncio.TaskGroup() as group:
        begin(work(), group, "work", at_once=True)
        told.set_exception(ValueError())
    assert done == ["heard"]


async def test_errors_of_the_work_reach_its_group() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("wrong")

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            begin(work(), group, "work", at_once=True)
    assert [str(error) for error in caught.value.exceptions] == ["wrong"]


async def test_a_group_that_ends_cancels_the_work() -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            done.append("cleaned up")

    async def fail() -> None:
        raise ValueError

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            begin(work(), group, "work", at_once=True)
            group.create_task(fail())

    with pytest.raises(ExceptionGroup):
        await both()
    assert done == ["cleaned up"]


async def test_work_that_cancels_itself_cancels_nobody_else() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    async with asyncio.TaskGroup() as group:
        begin(work(), group, "work", at_once=True)
        await asyncio.sleep(0)


async def test_a_handler_that_is_a_coroutine_runs_in_a_task_of_its_own() -> None:
    tasks: list[asyncio.Task[Any] | None] = []

    async def start(actions: ActionFactory) -> None:
        tasks.append(asyncio.current_task())
        actions.transition_to("done")

    async with site(flow(start)) as running:
        engine = running.app.container.get(Engine)
        job_id = await engine.intake.create("flow", {})
        assert (await running.ended(job_id)).status is JobStatus.FINISHED
    assert len(tasks) == 1
    assert tasks != [asyncio.current_task()]


async def test_a_job_of_plain_functions_in_memory_ends_before_its_creator_is_answered() -> None:
    store = MemoryStorage()
    async with site(flow(lambda actions: actions.transition_to("done")), store=store) as running:
        engine = running.app.container.get(Engine)
        job = await store.job(await engine.intake.create("flow", {}))
        assert job is not None
        assert job.status is JobStatus.FINISHED
