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


def execution(function: Callable[..., Any], *, timeout: float | None = None) -> Execution:
    skill = BoundSkill(
        SkillItem("it", function, timeout=timeout), "here", lambda prepared: prepared, contextlib.nullcontext
    )
    return Execution(skill, TaskContext(job_id="j", task_id="t"), SkillThreads(), 2.0)


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
