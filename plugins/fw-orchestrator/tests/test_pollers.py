"""One task wakes one waiter, first come first served, and no ring is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from fw_orchestrator.handing import Handing
from fw_orchestrator.model import Task, TaskStatus
from fw_orchestrator.pollers import Poller, Pollers


def test_a_ring_wakes_the_first_waiter_of_that_skill_only() -> None:
    pollers = Pollers()
    with pollers.waiting(["b"]) as other, pollers.waiting(["a"]) as first, pollers.waiting(["a", "b"]) as second:
        pollers.ring("a")
        assert [poller.is_rung for poller in (other, first, second)] == [False, True, False]
        pollers.ring("a")
        assert second.is_rung
        first.heed()
        second.heed()


def test_as_many_are_woken_as_there_are_tasks() -> None:
    pollers = Pollers()
    with ExitStack() as stack:
        waiting = [stack.enter_context(pollers.waiting(["a"])) for _ in range(4)]
        pollers.ring("a", 3)
        assert [poller.is_rung for poller in waiting] == [True, True, True, False]


def test_a_ring_for_nobody_is_no_error() -> None:
    pollers = Pollers()
    pollers.ring("a")
    pollers.ring_all()
    assert len(pollers) == 0


def test_a_ring_that_was_not_heeded_goes_to_the_next() -> None:
    pollers = Pollers()
    first, second = pollers.waiting(["a"]), pollers.waiting(["b", "a"])
    with ExitStack() as stack:
        first.__enter__()
        heir = stack.enter_context(second)
        pollers.ring("a")
        assert not heir.is_rung
        first.__exit__(None, None, None)
        assert heir.is_rung


async def test_a_ring_that_was_heeded_does_not() -> None:
    pollers = Pollers()
    first, second = pollers.waiting(["a"]), pollers.waiting(["a"])
    with ExitStack() as stack:
        woken = first.__enter__()
        heir = stack.enter_context(second)
        pollers.ring("a")
        assert await woken.wait(10) is None
        assert woken.is_rung
        woken.heed()
        first.__exit__(None, None, None)
        assert not heir.is_rung


async def test_waiting_ends_with_the_time_or_with_the_ring() -> None:
    pollers = Pollers()
    with pollers.waiting(["a"]) as poller:
        assert await poller.wait(0.001) is None
        assert not poller.is_rung
        waiting = asyncio.create_task(poller.wait(10))
        await asyncio.sleep(0)
        pollers.ring("a")
        assert await waiting is None
        assert poller.is_rung


def test_everybody_can_be_woken() -> None:
    pollers = Pollers()
    with pollers.waiting(["a"]) as one, pollers.waiting(["b", "c"]) as other:
        pollers.ring_all()
        assert one.is_rung
        assert other.is_rung
        assert len(pollers) == 2
    assert len(pollers) == 0


def a_task(name: str, **members: Any) -> Task:
    return Task(id=name, job_id="j", step=1, number=0, skill="a", params={}, enqueued_at=1.0, **members)


def handing(pollers: Pollers, *tasks: Task) -> Handing:
    return Handing(pollers, tasks, now=2.0, lease=30.0)


@asynccontextmanager
async def at_wait(pollers: Pollers, worker: str, **members: Any) -> AsyncIterator[tuple[Poller, asyncio.Task[Any]]]:
    """A waiter that has looked."""
    with pollers.waiting(["a"], worker, **members) as poller:
        waiting = asyncio.create_task(poller.wait(10))
        await asyncio.sleep(0)
        try:
            yield poller, waiting
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


async def test_a_new_task_is_written_down_as_the_work_of_the_first_waiter() -> None:
    pollers = Pollers()
    async with at_wait(pollers, "w1") as (_, first), at_wait(pollers, "w2") as (_, second):
        made = handing(pollers, a_task("t", result_timeout=5.0))
        [task] = made.tasks
        assert (task.status, task.worker_id, task.started_at) == (TaskStatus.RUNNING, "w1", 2.0)
        assert (task.lease_until, task.result_deadline) == (32.0, 7.0)
        await asyncio.sleep(0)
        assert not first.done()
        made.done()
        assert await first == task
        assert not second.done()


async def test_a_waiter_whose_task_was_not_written_goes_and_looks() -> None:
    pollers = Pollers()
    async with at_wait(pollers, "w1") as (poller, waiting):
        made = handing(pollers, a_task("t"))
        made.failed()
        assert await waiting is None
        assert poller.is_rung


async def test_no_task_overtakes_one_that_is_being_queued() -> None:
    pollers = Pollers()
    early = handing(pollers, a_task("early"))
    async with at_wait(pollers, "w1") as (poller, _):
        late = handing(pollers, a_task("late"))
        assert [task.status for task in late.tasks] == [TaskStatus.QUEUED]
        late.done()
        assert poller.is_rung
        early.done()
    async with at_wait(pollers, "w1"):
        assert [task.worker_id for task in handing(pollers, a_task("next")).tasks] == ["w1"]


async def test_a_waiter_that_a_task_does_not_suit_or_that_is_gone_gets_nothing() -> None:
    pollers = Pollers()
    picky = {"resources": {"ram_gb": 8}}
    async with at_wait(pollers, "small", offer={}), at_wait(pollers, "gone", is_gone=lambda: True):
        [task] = handing(pollers, a_task("t", requirements=picky)).tasks
        assert task.status is TaskStatus.QUEUED


async def test_a_waiter_with_a_promise_is_not_rung_for_another_task() -> None:
    pollers = Pollers()
    async with at_wait(pollers, "w1") as (poller, _), at_wait(pollers, "w2") as (other, _):
        handing(pollers, a_task("t"))
        pollers.ring("a")
        assert (poller.is_rung, other.is_rung) == (False, True)


async def test_a_task_whose_waiter_has_left_meanwhile_is_told() -> None:
    undelivered: list[Task] = []
    pollers = Pollers(undelivered.append)
    async with at_wait(pollers, "w1"):
        made = handing(pollers, a_task("t"))
    made.done()
    await asyncio.sleep(0)
    assert undelivered == list(made.tasks)


async def test_a_waiter_waits_for_its_promise_even_if_its_time_is_over() -> None:
    pollers = Pollers()
    with pollers.waiting(["a"], "w1") as poller:
        waiting = asyncio.create_task(poller.wait(0.01))
        await asyncio.sleep(0)
        made = handing(pollers, a_task("t"))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        made.done()
        assert await waiting == made.tasks[0]


async def test_a_waiter_that_is_cancelled_while_its_promise_is_kept_has_the_task_told() -> None:
    """As a worker in this process is that stops: the engine has rung all, and then the request is given up."""
    undelivered: list[Task] = []
    pollers = Pollers(undelivered.append)
    with pollers.waiting(["a"], "w1") as poller:
        waiting = asyncio.create_task(poller.wait(10))
        await asyncio.sleep(0)
        made = handing(pollers, a_task("t"))
        pollers.ring_all()
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    made.done()
    await asyncio.sleep(0)
    assert waiting.cancelled()
    assert undelivered == list(made.tasks)
