"""What a simulator does, and above all what keeps it from doing it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from fw_input import (
    FakeSink,
    FakeSource,
    InputEvent,
    InputKilled,
    InputNotAllowed,
    InputSettings,
    InputSimulator,
    Key,
    MouseButton,
    MouseMoved,
    MouseWheel,
)
from fw_input.errors import UnknownKey
from fw_input.watchdog import Watchdog


def simulator(
    sink: FakeSink, *, rate: float = 10_000, watchdog: float = 2.0, allow: bool = True, dry_run: bool = False
) -> InputSimulator:
    settings = InputSettings(allow=allow, dry_run=dry_run, rate=rate, watchdog=watchdog)
    return InputSimulator(settings, sink=sink, keyboard=FakeSource())


class Telling(FakeSink):
    """Tells the loop of one event."""

    def __init__(self, awaited: InputEvent) -> None:
        super().__init__()
        self.happened = asyncio.Event()
        self._awaited = awaited
        self._loop = asyncio.get_running_loop()

    def perform(self, event: InputEvent) -> None:
        super().perform(event)
        if event == self._awaited:
            self._loop.call_soon_threadsafe(self.happened.set)


async def test_without_permission_it_does_not_start_and_names_the_key_to_set() -> None:
    sink = FakeSink()
    with pytest.raises(InputNotAllowed, match=r"(?s)may not be moved.*input\.allow = true.*FW_INPUT__ALLOW"):
        await InputSimulator(sink=sink).start()
    with pytest.raises(InputNotAllowed):
        await InputSimulator(InputSettings(), sink=sink).start()
    assert not sink.opened


async def test_a_dry_run_needs_no_permission_and_no_display_and_keeps_what_it_would_do() -> None:
    sink = FakeSink()
    async with simulator(sink, allow=False, dry_run=True) as hands:
        await hands.click(3, 4)
        await hands.type("a")
        assert list(hands.log) == [
            MouseMoved(3, 4),
            MouseButton("left", True, 3, 4),
            MouseButton("left", False, 3, 4),
            Key("a", True),
            Key("a", False),
        ]
    assert (sink.performed, sink.opened) == ([], False)


async def test_the_loop_goes_on_while_the_display_is_slow() -> None:
    acting, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class Slow(FakeSink):
        def perform(self, event: InputEvent) -> None:
            loop.call_soon_threadsafe(acting.set)
            assert go_on.wait(30)
            super().perform(event)

    sink = Slow()
    async with simulator(sink) as hands:
        task = asyncio.create_task(hands.tap("a"))
        await acting.wait()
        go_on.set()
        await task
    assert sink.performed == [Key("a", True), Key("a", False)]


async def test_words_become_events() -> None:
    sink = FakeSink()
    async with simulator(sink) as hands:
        await hands.type("a\t")
        await hands.hotkey("ctrl+shift+s")
        await hands.scroll(dy=-2)
        await hands.click(1, 2, "right", count=2)
        await hands.press("left")
        await hands.release("left")
    keys = [(event.key, event.pressed) for event in sink.performed if isinstance(event, Key)]
    assert keys == [
        ("a", True), ("a", False), ("tab", True), ("tab", False),
        ("ctrl", True), ("shift", True), ("s", True), ("s", False), ("shift", False), ("ctrl", False),
        ("left", True), ("left", False),
    ]  # fmt: skip
    assert sink.performed[10:16] == [
        MouseWheel(0, -2),
        MouseMoved(1, 2),
        *(MouseButton("right", pressed, 1, 2) for pressed in (True, False, True, False)),
    ]


async def test_a_slow_move_goes_on_a_straight_line() -> None:
    sink = FakeSink()
    async with simulator(sink) as hands:
        await hands.move(0, 100)
        await hands.drag((0, 100), (60, 40), duration=0.1)
    moves = [(event.x, event.y) for event in sink.performed if isinstance(event, MouseMoved)]
    assert moves == [(0, 100), (0, 100), (10, 90), (20, 80), (30, 70), (40, 60), (50, 50), (60, 40)]
    assert [event.pressed for event in sink.performed if isinstance(event, MouseButton)] == [True, False]


async def test_the_rate_is_kept_over_all_tasks() -> None:
    sink = FakeSink()
    async with simulator(sink, rate=100) as hands:
        began = time.monotonic()
        await asyncio.gather(hands.type("abcde"), hands.type("vwxyz"))
        assert time.monotonic() - began >= 19 / 100 * 0.99
    assert len(sink.performed) == 20


async def test_texts_of_several_tasks_do_not_mix() -> None:
    sink = FakeSink()
    async with simulator(sink) as hands:
        await asyncio.gather(hands.type("abc"), hands.hotkey("ctrl+x"), hands.type("def"))
    keys = "".join(event.key for event in sink.performed if isinstance(event, Key) and event.pressed)
    assert keys == "abcctrlxdef"


async def test_a_cancelled_combination_leaves_no_key_down() -> None:
    sink = Telling(Key("ctrl", True))
    async with simulator(sink, rate=20) as hands:
        task = asyncio.create_task(hands.hotkey("ctrl+alt+delete"))
        await sink.happened.wait()
        task.cancel()
        await asyncio.wait([task])
        assert sink.performed == [Key("ctrl", True), Key("ctrl", False)]
        await hands.tap("a")


async def test_stopping_releases_what_is_held() -> None:
    sink = FakeSink()
    async with simulator(sink) as hands:
        await hands.press("shift")
        await hands.perform(MouseButton("left", True))
    assert sink.performed[2:] == [MouseButton("left", False), Key("shift", False)]
    with pytest.raises(RuntimeError, match="not started"):
        await hands.tap("a")


async def test_after_the_kill_nothing_is_done_and_nothing_stays_down() -> None:
    sink = FakeSink()
    async with simulator(sink) as hands:
        await hands.press("w")
        hands.kill("the test says so")
        hands.kill("again")
        assert sink.performed == [Key("w", True), Key("w", False)]
        for action in (hands.tap("a"), hands.move(1, 1), hands.type("x"), hands.perform(Key("q", True))):
            with pytest.raises(InputKilled, match="the test says so"):
                await action
    assert len(sink.performed) == 2


async def test_what_was_on_its_way_to_the_display_when_the_kill_came_is_not_done() -> None:
    class Switch(FakeSink):
        def perform(self, event: InputEvent) -> None:
            super().perform(event)
            hands.kill("the display did it")

    sink = Switch()
    async with simulator(sink) as hands:
        on_their_way = [hands._call(hands._act, MouseMoved(at, at)) for at in (1, 2)]
        first, second = await asyncio.gather(*on_their_way, return_exceptions=True)
        assert (first, type(second)) == (None, InputKilled)
    assert sink.performed == [MouseMoved(1, 1)]


async def test_killing_ends_what_is_waiting_for_its_turn() -> None:
    sink = Telling(Key(" ", True))
    async with simulator(sink, rate=20) as hands:
        task = asyncio.create_task(hands.type("a long text"))
        await sink.happened.wait()
        hands.kill()
        done = list(sink.performed)
        with pytest.raises(InputKilled):
            await task
    assert sink.performed == done
    assert done == [Key("a", True), Key("a", False), Key(" ", True), Key(" ", False)]


async def test_a_simulator_that_presses_its_own_switch_ends_and_releases() -> None:
    keyboard = FakeSource()

    class Wired(FakeSink):
        def perform(self, event: InputEvent) -> None:
            super().perform(event)
            keyboard.emit(event)

    sink = Wired()
    async with InputSimulator(allow=True, sink=sink, keyboard=keyboard) as hands:
        with pytest.raises(InputKilled):
            await hands.hotkey("ctrl+alt+k")
    assert [(event.key, event.pressed) for event in sink.performed if isinstance(event, Key)] == [
        ("ctrl", True), ("alt", True), ("k", True), ("k", False), ("alt", False), ("ctrl", False),
    ]  # fmt: skip


@pytest.mark.parametrize("keys", [("ctrl", "alt", "k"), ("alt_gr", "ctrl_r", "K")])
async def test_the_hotkey_kills_while_the_loop_is_busy(keys: tuple[str, ...]) -> None:
    sink, keyboard = FakeSink(), FakeSource()
    async with InputSimulator(allow=True, sink=sink, keyboard=keyboard) as hands:
        await hands.press("w")

        def person() -> None:
            for key in keys:
                keyboard.emit(Key(key, True))

        thread = threading.Thread(target=person)
        thread.start()
        thread.join()  # the loop does nothing else meanwhile
        assert hands.killed == "ctrl+alt+k was pressed"
        assert sink.performed == [Key("w", True), Key("w", False)]


async def test_half_a_hotkey_kills_nothing() -> None:
    keyboard = FakeSource()
    async with InputSimulator(allow=True, sink=FakeSink(), keyboard=keyboard) as hands:
        for event in (Key("ctrl", True), Key("k", True), Key("ctrl", False), Key("alt", True), Key("k", True)):
            keyboard.emit(event)
        assert hands.killed == ""


async def test_a_loop_that_gives_no_answer_kills() -> None:
    sink, released = FakeSink(), threading.Event()

    class Watched(FakeSink):
        def perform(self, event: InputEvent) -> None:
            super().perform(event)
            if event == Key("w", False):
                released.set()

    sink = Watched()
    async with simulator(sink, watchdog=0.1) as hands:
        await hands.press("w")
        assert released.wait(10)  # blocks the loop, as code that never returns would
        with pytest.raises(InputKilled, match=r"no answer for 0\.1 s"):
            await hands.tap("a")


def test_a_loop_that_was_closed_kills() -> None:
    loop = asyncio.new_event_loop()
    said: list[str] = []
    loop.close()
    dog = Watchdog(loop, 0.01, said.append)
    dog.start()
    dog.join(10)
    assert said == ["its event loop is closed"]


def test_a_process_whose_loop_ends_without_a_stop_releases_its_keys() -> None:
    program = (
        "import asyncio\n"
        "from fw_input import *\n"
        "class Sink(FakeSink):\n"
        "    def perform(self, event): print(event.key, event.pressed, flush=True)\n"
        "async def main():\n"
        "    settings = InputSettings(allow=True, watchdog=0.2)\n"
        "    hands = InputSimulator(settings, sink=Sink(), keyboard=FakeSource())\n"
        "    await hands.start()\n"
        "    await hands.press('w')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["w True", "w False"]


async def test_a_sink_that_fails_is_told_and_does_not_hinder_the_release(caplog: pytest.LogCaptureFixture) -> None:
    class Gone(FakeSink):
        def perform(self, event: InputEvent) -> None:
            if event == Key("nokey", True):
                raise UnknownKey("nokey", ["enter"])
            if event == Key("a", False):
                raise OSError("the display is gone")
            super().perform(event)

    sink = Gone()
    async with simulator(sink) as hands:
        with pytest.raises(UnknownKey, match="nokey"):
            await hands.tap("nokey")
        await hands.press("b")
        await hands.press("a")
        hands.kill()
    assert sink.performed == [Key("b", True), Key("a", True), Key("b", False)]
    assert "a could not be released" in caplog.text


async def test_a_combination_that_is_none_is_refused() -> None:
    async with simulator(FakeSink()) as hands:
        with pytest.raises(ValueError, match="'ctrl\\+\\+s'"):
            await hands.hotkey("ctrl++s")
    before = threading.active_count()
    with pytest.raises(ValueError, match="combination"):
        await InputSimulator(InputSettings(allow=True, kill_hotkey="+"), sink=FakeSink(), keyboard=FakeSource()).start()
    assert threading.active_count() == before
