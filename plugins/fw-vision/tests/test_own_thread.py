"""What bears one thread only is opened, used and closed in one."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fw_vision.own_thread import OwnThread


class Journal:
    """Writes down what is called, and in which thread."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.threads: set[str] = set()

    def note(self, line: str) -> None:
        self.lines.append(line)
        self.threads.add(threading.current_thread().name)

    def open(self) -> None:
        self.note("open")

    def close(self) -> None:
        self.note("close")


async def test_all_is_done_in_one_thread_one_after_the_other() -> None:
    thread, journal = OwnThread("eye", "Camera"), Journal()
    await thread.start(journal.open, journal.close)
    await asyncio.gather(*(thread.call(journal.note, str(number)) for number in range(5)))
    await thread.stop()
    assert journal.lines == ["open", *"01234", "close"]
    assert journal.threads == {"eye_0"}


async def test_without_a_thread_the_error_names_the_owner_and_stopping_again_is_fine() -> None:
    thread, journal = OwnThread("eye", "Camera"), Journal()
    await thread.stop()
    with pytest.raises(RuntimeError, match="This Camera is not started"):
        await thread.call(journal.open)
    await thread.start(journal.open, journal.close)
    await thread.stop()
    await thread.stop()
    with pytest.raises(RuntimeError, match="This Camera is not started"):
        await thread.call(journal.open)
    assert journal.lines == ["open", "close"]


async def test_what_could_not_be_opened_or_was_cancelled_meanwhile_is_closed() -> None:
    before = threading.active_count()
    journal, opening, going_on = Journal(), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def fail() -> None:
        raise OSError("no camera")

    def hang() -> None:
        loop.call_soon_threadsafe(opening.set)
        going_on.wait(30)
        journal.note("opened")

    with pytest.raises(OSError, match="no camera"):
        await OwnThread("eye", "Camera").start(fail, journal.close)
    assert journal.lines == ["close"]
    starting = asyncio.create_task(OwnThread("eye", "Camera").start(hang, journal.close))
    await opening.wait()
    starting.cancel()
    going_on.set()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert journal.lines == ["close", "opened", "close"]
    assert threading.active_count() == before
