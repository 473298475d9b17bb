"""Mouse and keyboard of a real X server, by pynput."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from framework import App, Component, ConfigError, StartupError
from fw_input import (
    InputEvent,
    InputKilled,
    InputSimulator,
    KeyboardObserver,
    MouseButton,
    MouseMoved,
    MouseObserver,
    MouseWheel,
    NoInput,
    Recording,
    replay,
)
from fw_input.errors import UnknownKey
from fw_vision.virtual_display import VirtualDisplay


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with VirtualDisplay(320, 240) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        yield


@pytest.mark.needs("xvfb")
@pytest.mark.usefixtures("display")
async def test_what_is_simulated_is_observed() -> None:
    threads = threading.active_count()
    async with MouseObserver() as mouse, KeyboardObserver() as keyboard, InputSimulator(allow=True) as hands:
        moves, keys = mouse.events(), keyboard.events()
        await hands.click(100, 50)
        await hands.scroll(dy=1)
        seen = [await anext(moves) for _ in range(4)]
        assert [(type(event), event.time > 0) for event in seen] == [
            (kind, True) for kind in (MouseMoved, MouseButton, MouseButton, MouseWheel)
        ]
        assert isinstance(seen[1], MouseButton)
        assert (seen[1].button, seen[1].pressed, seen[1].x, seen[1].y) == ("left", True, 100, 50)
        await hands.type("aB")
        await hands.hotkey("ctrl+enter")
        pressed = [await anext(keys) for _ in range(8)]
        assert [(event.key, event.pressed) for event in pressed] == [
            ("a", True), ("a", False), ("B", True), ("B", False),
            ("ctrl", True), ("enter", True), ("enter", False), ("ctrl", False),
        ]  # fmt: skip
        for _ in range(5):
            await hands.tap("enter")
        taps = [await anext(keys) for _ in range(10)]
        assert [(event.key, event.pressed) for event in taps] == [("enter", True), ("enter", False)] * 5
        with pytest.raises(UnknownKey, match="Did you mean 'enter'"):
            await hands.tap("entr")
    left = [thread for thread in threading.enumerate() if not thread.name.startswith("asyncio")]
    assert len(left) <= threads


@pytest.mark.needs("xvfb")
@pytest.mark.usefixtures("display")
async def test_what_was_recorded_on_a_display_is_done_again_there() -> None:
    def seen(recording: Recording) -> list[InputEvent]:
        return [replace(event, time=0.0) for event in recording.events]

    async def recorded(act: Callable[[], Awaitable[None]]) -> Recording:
        last = mouse.events()
        with Recording(mouse, keyboard) as recording:
            await act()
            await hands.move(1, 1)  # the display tells of things in their order: this is the last
            async for event in last:
                if isinstance(event, MouseMoved) and (event.x, event.y) == (1, 1):
                    break
        last.close()
        return recording

    async def act() -> None:
        await hands.click(100, 50)
        await hands.scroll(dy=-1)

    async with MouseObserver() as mouse, KeyboardObserver() as keyboard, InputSimulator(allow=True) as hands:
        first = await recorded(act)
        again = await recorded(lambda: replay(first, hands, speed=4))
    kinds = [MouseMoved, MouseButton, MouseButton, MouseWheel, MouseMoved]
    assert [type(event) for event in seen(first)] == kinds
    assert seen(again)[:4] == seen(first)[:4]


@pytest.mark.needs("xvfb")
@pytest.mark.usefixtures("display")
async def test_the_hotkey_on_the_keyboard_kills() -> None:
    async with InputSimulator(allow=True) as hands:
        with pytest.raises(InputKilled, match=r"ctrl\+alt\+k was pressed"):
            await hands.hotkey("ctrl+alt+k")
        with pytest.raises(InputKilled):
            await hands.move(1, 1)


@pytest.mark.needs("xvfb")
@pytest.mark.usefixtures("display")
async def test_a_component_gets_hands_if_the_configuration_permits() -> None:
    def bot(allow: bool) -> App:
        app = App("bot", plugins=["input"], defaults={"input": {"allow": allow}})

        @app.register
        class Bot(Component):
            def __init__(self, mouse: MouseObserver, hands: InputSimulator) -> None:
                self.moves = mouse.events()
                self.hands = hands

        return app

    with pytest.raises(StartupError, match=r"input\.allow = true"):
        await bot(False).start()
    async with bot(True) as app:
        hands = app.container.get(InputSimulator)
        await hands.move(7, 8)
        assert hands.killed == ""
    with pytest.raises(RuntimeError, match="not started"):
        await hands.move(1, 1)


def test_without_a_display_importing_works_and_opening_says_what_to_do() -> None:
    program = (
        "import asyncio, sys, fw_input, fw_input.simulator, fw_input.opening, fw_input.plugin\n"
        "assert 'pynput' not in sys.modules\n"
        "try: asyncio.run(fw_input.InputSimulator(allow=True).start())\n"
        "except fw_input.NoInput as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert "Set DISPLAY to a running X server" in done.stdout


def test_without_pynput_the_error_says_what_to_install() -> None:
    program = (
        "import asyncio, sys, fw_input\n"
        "sys.modules['pynput'] = None\n"
        "try: asyncio.run(fw_input.InputSimulator(allow=True).start())\n"
        "except fw_input.NoInput as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert "pip install 'fw-input[pynput]'" in done.stdout


async def test_an_application_that_needs_no_hands_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    async with App("idle", plugins=["input"]) as app:
        assert (await app.health()).ready


@pytest.mark.parametrize("setting", ["rate", "watchdog"])
def test_a_setting_that_cannot_work_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=setting):
        App("bot", plugins=["input"], defaults={"input": {setting: 0}}).bootstrap()


# Xlib leaves the socket that could not connect to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.needs("xvfb")
async def test_a_display_that_has_gone_is_an_error_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    with VirtualDisplay(64, 64) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        async with MouseObserver():
            pass  # pynput was imported while there was a display
    monkeypatch.setenv("DISPLAY", ":4242")  # not the one that was: somebody else may have its number by now
    with pytest.raises(NoInput):
        await MouseObserver().start()
    gc.collect()
