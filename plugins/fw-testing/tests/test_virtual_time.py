"""`VirtualTime`: hours of a loop's time in no time at all."""

import asyncio
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from framework import App, Component, StartupError, hookimpl
from fw_testing.harness import app_with
from fw_testing.virtual_time import VirtualTime


async def test_timers_come_in_their_order_and_no_real_time_passes() -> None:
    began, said = time.monotonic(), []

    async def say(word: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        said.append((word, round(clock.elapsed)))

    with VirtualTime() as clock:
        await asyncio.gather(say("week", 604_800), say("second", 1), say("day", 86_400))
    assert said == [("second", 1), ("day", 86_400), ("week", 604_800)]
    assert time.monotonic() - began < 600_000  # what a real week would not keep to


async def test_the_calendar_begins_where_the_test_says_and_moves_with_the_loop() -> None:
    start = datetime(2024, 2, 28, 23, 59, tzinfo=UTC)
    with VirtualTime(start=start) as clock:
        assert clock.now() == start
        await asyncio.sleep(90)
        assert abs(clock.now() - datetime(2024, 2, 29, 0, 0, 30, tzinfo=UTC)) < timedelta(milliseconds=1)
        assert clock.time() == pytest.approx(start.timestamp() + 90)


async def test_time_stands_still_while_a_task_is_ready() -> None:
    with VirtualTime() as clock:
        deadline = asyncio.ensure_future(asyncio.sleep(0.000_001))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert clock.elapsed == 0
        await deadline


async def test_a_time_out_of_an_hour_ends_at_once() -> None:
    with VirtualTime() as clock:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        assert clock.elapsed == pytest.approx(3600)


async def test_time_waits_for_what_goes_on_in_a_thread() -> None:
    go = threading.Event()

    def work() -> str:
        assert go.wait(30)
        return "done"

    with VirtualTime() as clock:
        working = asyncio.ensure_future(asyncio.to_thread(work))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(3600, pytest.fail, "time has passed while a thread was at work")
        threading.Timer(0.02, go.set).start()
        assert await working == "done"
        assert clock.elapsed == 0


async def test_what_arrives_over_a_connection_comes_before_time_passes() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    with VirtualTime() as clock:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            async with asyncio.timeout(0.001):
                writer.write(b"hello\n")
                assert await reader.readline() == b"hello\n"
            writer.close()
        assert clock.elapsed == 0


async def test_grace_lets_another_process_answer_before_time_passes() -> None:
    with VirtualTime(grace=30) as clock:
        program = "import sys; sys.stdout.write(sys.stdin.readline())"
        pipe = asyncio.subprocess.PIPE
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=pipe, stdout=pipe)
        async with asyncio.timeout(1):
            said, _ = await other.communicate(b"hello\n")
        assert (said.strip(), clock.elapsed) == (b"hello", 0)


async def test_afterwards_the_loop_tells_real_time_again() -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    with VirtualTime():
        await asyncio.sleep(1_000_000)
    assert before <= loop.time() < before + 1_000_000
    await asyncio.sleep(0.001)


async def test_a_loop_of_another_make_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(asyncio.get_running_loop(), "_selector")
    try:
        with pytest.raises(RuntimeError, match="does not let its time be moved"):
            VirtualTime()
    finally:
        monkeypatch.undo()


class Slow(Component):
    async def start(self) -> None:
        await asyncio.sleep(31)


async def test_the_start_time_out_of_the_kernel_follows_it() -> None:
    app = app_with()
    app.register(Slow)
    with VirtualTime() as clock:
        with pytest.raises(StartupError, match="did not start within 30 s"):
            await app.start()
        assert clock.elapsed == pytest.approx(30)


class Counting:
    def __init__(self) -> None:
        self.time = 0.0

    @hookimpl
    def tick(self, app: App, dt: float) -> None:
        self.time += dt


async def test_the_clock_that_drives_tick_follows_it() -> None:
    counting = Counting()
    with VirtualTime():
        async with app_with(counting, defaults={"app": {"tick_rate": 50}}) as app:
            await asyncio.sleep(60)
            assert counting.time == pytest.approx(60, abs=app.clock.dt * 1.5)
