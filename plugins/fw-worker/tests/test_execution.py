"""One call of a function, and what it leaves behind."""

import asyncio
import contextlib
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fw_worker import TaskContext
from fw_worker.bound_skill import BoundSkill
from fw_worker.declared import SkillItem
from fw_worker.execution import Execution
from fw_worker.outcome import StopReason
from fw_worker.threads import SkillThreads

from .fake_orchestrator import PATIENCE


def execution(function: Callable[..., Any], *, timeout: float | None = None, cancel_timeout: float = 2.0) -> Execution:
    skill = BoundSkill(
        SkillItem("it", function, timeout=timeout), "here", lambda prepared: prepared, contextlib.nullcontext
    )
    return Execution(skill, TaskContext(job_id="j", task_id="t"), SkillThreads(), cancel_timeout)


async def test_a_task_that_is_stopped_before_it_begins_is_not_begun() -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("work")

    call = execution(work)
    call.stop(StopReason.ORCHESTRATOR)
    call.stop(StopReason.DRAIN)
    assert (await call.run({})).status == "cancelled"
    assert begun == []


@pytest.mark.parametrize(
    "reason, status, code",
    [
        (StopReason.ORCHESTRATOR, "cancelled", None),
        (StopReason.DRAIN, "failure", "TRANSIENT_ERROR"),
        (StopReason.TIMEOUT, "failure", "TIMEOUT_ERROR"),
    ],
)
async def test_a_function_that_raises_because_it_was_stopped_has_not_failed(
    reason: StopReason, status: str, code: str | None
) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError("half done")

    call = execution(work)
    running = asyncio.create_task(call.run({}))
    await begun.wait()
    call.stop(reason)
    outcome = await running
    assert (outcome.status, outcome.error and outcome.error.code) == (status, code)


async def test_a_task_that_has_ended_is_not_kept_for_the_rest_of_its_time() -> None:
    async def work() -> None: ...

    call = execution(work, timeout=3600.0)
    assert (await call.run({})).status == "success"
    kept = weakref.ref(call)
    del call
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize("reason", [StopReason.ORCHESTRATOR, StopReason.TIMEOUT])
async def test_only_a_worker_that_stops_has_no_time_to_wait_for_a_function_that_tidies_up(reason: StopReason) -> None:
    begun, tidied = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            tidied.set()

    call = execution(work, cancel_timeout=0.001)
    running = asyncio.create_task(call.run({}))
    await begun.wait()
    call.stop(reason)
    await running
    assert tidied.is_set()


async def test_a_function_does_not_outlive_the_worker_that_breaks_down() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(execution(work).run({}))
    await begun.wait()
    running.cancel()
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({running})
        await ended.wait()
