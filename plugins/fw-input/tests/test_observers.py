"""Observers tell of events on the loop; recordings keep them and are played back."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from fw_input import (
    FakeSink,
    FakeSource,
    InputEvent,
    InputSettings,
    InputSimulator,
    Key,
    KeyboardObserver,
    MouseButton,
    MouseMoved,
    MouseObserver,
    MouseWheel,
    Recording,
    replay,
)
from fw_input.errors import BadRecording
from fw_input.pynput_ports import _Once

EVENTS: list[InputEvent] = [
    MouseMoved(1, 2, 10.0),
    Key("ctrl", True, 10.01),
    MouseButton("left", True, 1, 2, 10.02),
    MouseWheel(0, -1, 10.03),
    Key("ctrl", False, 10.1),
]


def emit_in_a_thread(source: FakeSource, *events: InputEvent) -> None:
    def emit() -> None:
        for event in events:
            source.emit(event)

    thread = threading.Thread(target=emit)
    thread.start()
    thread.join()


async def test_events_come_in_order_from_when_they_were_asked_for_until_the_observer_stops() -> None:
    source = FakeSource()
    async with MouseObserver(source) as mouse:
        events = mouse.events()
        emit_in_a_thread(source, MouseMoved(1, 1), MouseMoved(2, 2))
        assert [await anext(events), await anext(events)] == [MouseMoved(1, 1), MouseMoved(2, 2)]
        waiting = asyncio.create_task(anext(events))
        await asyncio.sleep(0)
        emit_in_a_thread(source, MouseWheel(1, 0))
        assert await waiting == MouseWheel(1, 0)
    assert [event async for event in events] == []
    source.emit(MouseMoved(3, 3))


async def test_a_closed_stream_gives_what_it_holds_and_ends() -> None:
    source = FakeSource()
    async with KeyboardObserver(source) as keyboard:
        events = keyboard.events()
        emit_in_a_thread(source, Key("a", True))
        await asyncio.sleep(0)
        events.close()
        emit_in_a_thread(source, Key("a", False))
        await asyncio.sleep(0)
        assert [event async for event in events] == [Key("a", True)]


async def test_a_slow_reader_loses_the_oldest_and_knows_how_many() -> None:
    source = FakeSource()
    async with MouseObserver(source) as mouse:
        events = mouse.events(size=3)
        emit_in_a_thread(source, *(MouseMoved(n, 0) for n in range(10)))
        await asyncio.sleep(0)
        assert events.lost == 7
        assert await anext(events) == MouseMoved(7, 0)


async def test_a_recording_is_kept_in_a_file_and_played_back_in_time(tmp_path: Path) -> None:
    sources = FakeSource(), FakeSource()
    async with MouseObserver(sources[0]) as mouse, KeyboardObserver(sources[1]) as keyboard:
        with Recording(mouse, keyboard) as recording:
            emit_in_a_thread(sources[1], EVENTS[1], EVENTS[4])
            emit_in_a_thread(sources[0], EVENTS[0], EVENTS[2], EVENTS[3])
            await asyncio.sleep(0)
        emit_in_a_thread(sources[0], MouseMoved(9, 9, 11.0))
        await asyncio.sleep(0)
    assert recording.events == EVENTS
    recording.save(tmp_path / "a.events")
    loaded = Recording.load(tmp_path / "a.events")
    assert loaded.events == EVENTS
    assert not recording_parts(tmp_path)

    sink = FakeSink()
    settings = InputSettings(allow=True, rate=10_000)
    async with InputSimulator(settings, sink=sink, keyboard=FakeSource()) as hands:
        began = asyncio.get_running_loop().time()
        await replay(loaded, hands, speed=2)
        assert asyncio.get_running_loop().time() - began >= 0.049
        with pytest.raises(ValueError, match="speed"):
            await replay(loaded, hands, speed=0)
    assert sink.performed == [*EVENTS, MouseButton("left", False, 1, 2, 10.02)]


@pytest.mark.parametrize(
    "text, line, problem",
    [
        ("", 1, "Expecting value"),
        ('{"format": "other"}', 1, "no recording of version 1"),
        ('{"format": "fw-input", "version": 1}\n{"kind": "dance"}', 2, "no kind of event 'dance'"),
        ('{"format": "fw-input", "version": 1}\n{"kind": "moved", "x": "1", "y": 2}', 2, "x cannot be '1'"),
        ('{"format": "fw-input", "version": 1}\n{"kind": "key", "key": "a"}', 2, "pressed"),
        ('{"format": "fw-input", "version": 1}\n[1]', 2, "sequence"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_its_line(
    text: str, line: int, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "a.events").write_text(text, encoding="utf-8")
    with pytest.raises(BadRecording, match=problem) as caught:
        Recording.load(tmp_path / "a.events")
    assert caught.value.line == line


def recording_parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize(
    "told, times",
    [
        ([("enter", True, True), ("enter", False, True)], 1),  # pressed by us, told at once and by the display
        ([("enter", False, True), ("enter", True, True)], 1),  # the same, and the display was quicker
        ([("enter", False, True)] * 3, 3),  # a person
        ([("a", True, False)] * 3, 3),  # a character of ours: the display does not tell
        ([("enter", True, True)] * 2 + [("enter", False, True)] * 2, 2),  # a display that is slow
        ([("enter", False, True), ("enter", True, True), ("enter", False, True)], 2),  # a person, then we
        ([("enter", True, True), ("esc", False, True)], 2),
    ],
)
def test_a_key_that_is_told_of_from_two_sides_counts_once(told: list[tuple[str, bool, bool]], times: int) -> None:
    once = _Once()
    assert sum(once.fresh(name, True, injected, coded) for name, injected, coded in told) == times
