"""The thread of a database."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fw_store_sql.lane import Lane


async def test_work_is_done_in_order_in_one_thread_and_told_in_the_loop() -> None:
    lane, seen, told = Lane("lane"), list[tuple[int, str]](), list[BaseException | None]()
    for number in range(3):
        lane.give(lambda number=number: seen.append((number, threading.current_thread().name)), told.append)  # type: ignore[misc]
    await lane.do(lambda: None)
    assert seen == [(number, "lane") for number in range(3)]
    assert told == [None] * 3
    lane.end()


async def test_what_work_raises_is_told_and_ends_nothing() -> None:
    lane = Lane("lane")
    with pytest.raises(ZeroDivisionError):
        await lane.do(lambda: 1 / 0)
    await lane.do(lambda: None)
    lane.end()


async def test_work_ends_though_nobody_waits_for_it() -> None:
    lane, may_end, ended = Lane("lane"), threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait()
        ended.set()

    waiting = asyncio.create_task(lane.do(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    await lane.do(lambda: None)
    assert ended.is_set()
    lane.end()
