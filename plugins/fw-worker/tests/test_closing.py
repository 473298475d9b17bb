"""Waits that a stop cuts short."""

import asyncio

from fw_worker.closing import Closing, Step

from .fake_orchestrator import PATIENCE

FOREVER = 1e6


async def test_pause_ends_with_each_step_of_the_stop() -> None:
    closing = Closing()
    async with asyncio.timeout(PATIENCE):
        asyncio.get_running_loop().call_soon(closing.asked.set)
        await closing.pause(FOREVER)
        asyncio.get_running_loop().call_soon(closing.expired.set)
        await closing.pause(FOREVER)


async def test_pause_ends_by_itself_before_and_after_the_stop() -> None:
    closing = Closing()
    await closing.pause(0.001)
    closing.asked.set()
    closing.expired.set()
    await closing.pause(0.001)


async def test_nobody_rests_once_the_stop_is_asked_for() -> None:
    closing = Closing()
    closing.asked.set()
    async with asyncio.timeout(PATIENCE):
        await closing.rest(FOREVER)


async def test_wait_for_an_event_says_whether_the_stop_came_first() -> None:
    closing = Closing()
    event = asyncio.Event()
    event.set()
    assert await closing.until(event)
    closing.asked.set()
    assert not await closing.until(event)
    assert not await closing.until(asyncio.Event())


async def test_a_step_tells_those_who_still_listen() -> None:
    step, told = Step(), list[str]()
    with step.telling(lambda: told.append("inside")):
        with step.telling(lambda: told.append("left")):
            pass
        step.set()
    assert told == ["inside"]


async def test_an_event_may_come_before_the_stop_does() -> None:
    closing, event = Closing(), asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    async with asyncio.timeout(PATIENCE):
        assert await closing.until(event)
        asyncio.get_running_loop().call_soon(closing.asked.set)
        assert not await closing.until(asyncio.Event())


async def test_who_gives_up_waiting_for_an_event_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(Closing().until(asyncio.Event()))
    for _ in range(3):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
