"""The queue and its thread: bounded, counted, and no trouble of a sink reaches who logs."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fw_logging import writer as writer_module
from fw_logging.writer import Counts, Writer

WAIT = 20.0
"""Seconds after which a test has failed; nothing here takes as long."""


class Gate:
    """A sink that lets through what it is told to."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.open = threading.Event()
        self.entered = threading.Event()
        self.error: Exception | None = None
        self.closed = False

    def write(self, lines: bytes) -> None:
        self.entered.set()
        assert self.open.wait(WAIT)
        if self.error is not None:
            raise self.error
        self.lines += lines.splitlines()

    def close(self) -> None:
        self.closed = True


def told(message: str, dropped: int, lost: int) -> bytes:
    return f"{dropped} dropped, {lost} lost\n".encode()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(writer_module, "complain", found.append)
    return found


@pytest.fixture
def made(gate: Gate) -> Iterator[Any]:
    writers: list[Writer] = []

    def make(**options: Any) -> Writer:
        writers.append(Writer(gate, told, **{"limit": 10, "overflow": "drop", **options}))
        return writers[-1]

    yield make
    gate.open.set()
    for writer in writers:
        writer.close(WAIT)


def lines(first: int, last: int) -> list[bytes]:
    return [f"line {number}".encode() for number in range(first, last)]


def put(writer: Writer, first: int, last: int) -> None:
    for line in lines(first, last):
        writer.put(line + b"\n", urgent=True)


def test_a_full_queue_drops_counts_and_says_so_when_there_is_room_again(made: Any, gate: Gate) -> None:
    writer = made()
    put(writer, 0, 1)
    assert gate.entered.wait(WAIT)  # the thread is held in the sink with that line
    put(writer, 1, 16)
    gate.open.set()
    assert writer.flush(WAIT)
    writer.close(WAIT)
    assert gate.lines == [*lines(0, 11), b"5 dropped, 0 lost"]
    assert writer.counts == Counts(written=12, dropped=5, lost=0)
    assert gate.closed


def test_a_queue_that_blocks_waits_for_room_and_loses_nothing(made: Any, gate: Gate) -> None:
    writer = made(overflow="block")
    caller = threading.Thread(target=put, args=(writer, 0, 100))
    caller.start()
    assert gate.entered.wait(WAIT)
    caller.join(0.01)
    assert caller.is_alive()
    gate.open.set()
    caller.join(WAIT)
    assert not caller.is_alive()
    writer.close(WAIT)
    assert gate.lines == lines(0, 100)


def test_a_blocked_caller_is_released_when_the_writer_closes(made: Any, gate: Gate, complaints: list[str]) -> None:
    writer = made(overflow="block")
    caller = threading.Thread(target=put, args=(writer, 0, 100))
    caller.start()
    assert gate.entered.wait(WAIT)
    writer.close(0.01)
    caller.join(WAIT)
    assert not caller.is_alive()
    assert "the sink took longer than 0.01 s" in complaints[0]


def test_a_sink_that_fails_is_told_of_once_and_tried_again(made: Any, gate: Gate, complaints: list[str]) -> None:
    writer = made()
    gate.open.set()
    gate.error = OSError(28, "No space left on device")
    for number in range(5):
        put(writer, number, number + 1)
        assert writer.flush(WAIT)
    assert len(complaints) == 1
    assert "No space left on device" in complaints[0]
    gate.error = None
    put(writer, 5, 6)
    assert writer.flush(WAIT)
    writer.close(WAIT)
    assert gate.lines == [b"line 5", b"0 dropped, 5 lost"]
    assert writer.counts == Counts(written=2, dropped=0, lost=5)


def test_a_sink_that_hangs_does_not_keep_the_writer_from_closing(made: Any, gate: Gate, complaints: list[str]) -> None:
    writer = made()
    put(writer, 0, 1)
    assert gate.entered.wait(WAIT)
    put(writer, 1, 4)
    writer.close(0.01)
    assert complaints == ["3 lines were not written: the sink took longer than 0.01 s."]
    assert writer.counts.lost == 3


def test_a_sink_that_cannot_close_is_told_of(gate: Gate, complaints: list[str]) -> None:
    def fail() -> None:
        raise OSError("no")

    writer = Writer(gate, told, limit=10, overflow="drop")
    gate.close = fail  # type: ignore[method-assign] # a sink of its own kind
    gate.open.set()
    put(writer, 0, 1)
    writer.close(WAIT)
    assert gate.lines == lines(0, 1)
    assert complaints == ["a sink failed to close: OSError('no')"]


def test_lines_that_come_too_late_are_counted(made: Any, gate: Gate) -> None:
    gate.open.set()
    writer = made()
    put(writer, 0, 1)
    writer.close(WAIT)
    put(writer, 1, 3)
    assert gate.lines == lines(0, 1)
    assert writer.counts == Counts(written=1, dropped=0, lost=2)
    assert writer.flush(0.01)


def test_without_lines_there_is_no_thread(made: Any) -> None:
    before = threading.active_count()
    writer = made()
    assert writer.flush(WAIT)
    assert threading.active_count() == before


def test_what_is_not_urgent_is_written_without_further_ado(made: Any, gate: Gate) -> None:
    gate.open.set()
    writer = made()
    writer.put(b"line 0\n")
    assert gate.entered.wait(WAIT)
