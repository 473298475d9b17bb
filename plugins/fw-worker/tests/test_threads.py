"""Threads for functions that are no coroutines; those that do not end hold up nothing."""

import asyncio
import contextvars
import sys
import threading

import pytest

from fw_worker.threads import SkillThreads

from .fake_orchestrator import PATIENCE

word = contextvars.ContextVar("word", default="none")


async def test_a_function_sees_the_callers_context_and_its_outcome_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    threads = SkillThreads()
    word.set("mine")
    assert await threads.run(word.get, "look") == "mine"
    with pytest.raises(SystemExit):
        await threads.run(lambda: sys.exit(3), "leave")

    def stops() -> None:
        raise StopIteration(5)

    with pytest.raises(RuntimeError, match=r"StopIteration\(5\)"):
        await threads.run(stops, "stop")
    threads.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("skill-")]
    assert caplog.text == ""


async def test_one_that_ends_after_its_caller_is_gone_disturbs_nobody(
    gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    threads = SkillThreads()
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))
    call = asyncio.create_task(threads.run(lambda: gate.wait(PATIENCE), "late"))
    await asyncio.sleep(0)
    [thread] = threads._busy
    call.cancel()
    await asyncio.wait({call})
    gate.set()
    async with asyncio.timeout(PATIENCE):
        while threads._busy:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0)
    assert await threads.run(threading.current_thread, "next") is thread
    threads.close()
    assert (troubles, caplog.text) == ([], "")


async def test_one_that_does_not_end_is_named_and_left_behind(
    gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    threads = SkillThreads()
    call = asyncio.create_task(threads.run(lambda: gate.wait(PATIENCE), "deaf"))
    await asyncio.sleep(0)
    [thread] = [thread for thread in threading.enumerate() if thread.name.startswith("skill-")]
    call.cancel()
    await asyncio.wait({call})
    threads.close()
    assert f"{thread.name} still runs skill 'deaf' and is left behind" in caplog.text
    assert thread.daemon, "Python does not wait for it"
    gate.set()
    await asyncio.to_thread(thread.join, PATIENCE)
    assert not thread.is_alive()


def test_one_that_outlives_its_loop_ends_quietly(gate: threading.Event) -> None:
    threads = SkillThreads()

    async def begin() -> None:
        call = asyncio.create_task(threads.run(lambda: gate.wait(PATIENCE), "deaf"))
        await asyncio.sleep(0)
        call.cancel()

    asyncio.run(begin())
    [thread] = [thread for thread in threading.enumerate() if thread.name.startswith("skill-")]
    threads.close()
    gate.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
