"""The bot wins the real game on a real X screen; its parts, alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fw_behavior import BehaviorTree, Blackboard
from fw_behavior.waking import run
from fw_input import FakeSink, FakeSource, InputEvent, InputKilled, InputSettings, InputSimulator, Key, MouseButton
from fw_vision import FakeReader, FakeScreen, Frame, OCRModule, Region, ScreenCapturer, TextBox
from screen_bot.bot import Bot
from screen_bot.legs import SPEED, Legs
from screen_bot.mind import Body, mind
from screen_bot.path import way
from screen_bot.sight import window

ROOM = Region(0, 40, 640, 400)


@pytest.mark.needs("xvfb", "tesseract")
def test_the_bot_wins_the_game_through_screen_mouse_and_keys(tmp_path: Path) -> None:
    film = tmp_path / "film.webp"
    command = [sys.executable, "-m", "screen_bot", "--seed", "1", "--film", str(film)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert (done.returncode, "won in" in done.stdout) == (0, True), done.stdout + done.stderr
    with Image.open(film) as pictures:
        assert getattr(pictures, "n_frames", 1) > 10


@pytest.mark.needs("xvfb", "tesseract")
def test_a_bot_that_may_not_move_anything_does_not_start() -> None:
    """K22: the environment is above the file."""
    program = "import sys, screen_bot.cli as cli; sys.exit(cli.main([]))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "FW_INPUT__ALLOW": "false"},
    )
    assert done.returncode == 4
    assert "input.allow = true" in done.stderr


class Told(Legs):
    """Legs that do not move; `seconds` is what they were told last."""

    seconds: Mapping[str, float] | None = None
    behind = (0.0, 0.0)

    def walk(self, seconds: Mapping[str, float]) -> None:
        self.seconds = seconds

    async def stand(self) -> None:
        self.seconds = {}

    def gone(self, since: float) -> tuple[float, float]:
        return self.behind


def hands(sink: FakeSink) -> InputSimulator:
    return InputSimulator(InputSettings(allow=True, rate=10_000), sink=sink, keyboard=FakeSource())


async def decided(
    seen: Mapping[str, object], behind: tuple[float, float] = (0.0, 0.0)
) -> tuple[FakeSink, Mapping[str, float]]:
    """What the mind makes of what is seen: what is done, and how long it walks where."""
    sink = FakeSink()
    async with hands(sink) as simulator:
        legs = Told(simulator)
        legs.behind = behind
        tree = BehaviorTree(mind(Body(simulator, legs, ROOM)), Blackboard({"time": 0.0, **seen}))
        await run(tree)
        await tree.aclose()
    return sink, legs.seconds or {}


async def test_it_presses_the_button_that_says_start() -> None:
    labels = [TextBox("QUIT", Region(0, 0, 9, 9), 0.9), TextBox("START", Region(100, 80, 50, 20), 0.9)]
    sink, _ = await decided({"phase": "READY", "labels": labels})
    assert MouseButton("left", True, 125, 90) in sink.performed


async def test_it_types_the_word_below_the_question() -> None:
    texts = [TextBox(text, Region(0, 0, 9, 9), 0.9) for text in ("THE WORD IS", "RIVER", "RI")]
    sink, _ = await decided({"phase": "GATE", "lines": texts})
    keys = [event.key for event in sink.performed if isinstance(event, Key) and event.pressed]
    assert keys == [*"river", "enter"]


async def test_it_goes_towards_the_nearest_coin_for_as_long_as_the_way_takes() -> None:
    coins = ((300, 400), (250, 150))
    _, seconds = await decided({"phase": "COINS", "player": (310, 210), "coins": coins, "mines": ()})
    assert seconds == {"left": 40 / SPEED, "up": 40 / SPEED}


async def test_it_goes_on_from_where_the_player_is_by_now() -> None:
    seen = {"phase": "COINS", "player": (310, 210), "coins": ((250, 150),), "mines": ()}
    for behind, expected in (((-30.0, -38.0), {"left": 10 / SPEED}), ((-55.0, -38.0), {"right": 15 / SPEED})):
        _, seconds = await decided(seen, behind)
        assert seconds == expected


@pytest.mark.parametrize("seen", [{"phase": ""}, {"phase": "GATE", "lines": []}, {"phase": "COINS", "player": None}])
async def test_it_stands_still_when_nothing_is_sure(seen: dict[str, object]) -> None:
    sink, seconds = await decided(seen)
    assert (sink.performed, seconds) == ([], {})


class Telling(FakeSink):
    """Tells the loop of one event."""

    def __init__(self) -> None:
        super().__init__()
        self._awaited: dict[InputEvent, asyncio.Event] = {}
        self._loop = asyncio.get_running_loop()

    def perform(self, event: InputEvent) -> None:
        super().perform(event)
        if event in self._awaited:
            self._loop.call_soon_threadsafe(self._awaited[event].set)

    def happened(self, event: InputEvent) -> asyncio.Event:
        return self._awaited.setdefault(event, asyncio.Event())


async def test_a_key_goes_up_in_time_though_nobody_looks() -> None:
    sink = Telling()
    async with hands(sink) as simulator:
        legs = Legs(simulator)
        walking = asyncio.create_task(legs.run())
        up = sink.happened(Key("up", False))
        began = time.monotonic()
        legs.walk({"left": 0.3, "up": 0.5})
        await up.wait()
        await legs.stand()
        assert sink.performed == [Key("left", True), Key("up", True), Key("left", False), Key("up", False)]
        x, y = legs.gone(began)
        assert (x < -10, y < x) == (True, True)
        assert legs.gone(time.monotonic() + 1) == (0.0, 0.0)
        walking.cancel()
        await asyncio.wait([walking])


async def test_another_way_or_the_end_lets_the_keys_go_at_once() -> None:
    sink = Telling()
    async with hands(sink) as simulator:
        legs = Legs(simulator)
        right, down = sink.happened(Key("right", True)), sink.happened(Key("down", True))
        walking = asyncio.create_task(legs.run())
        legs.walk({"right": 60.0})
        await right.wait()
        legs.walk({"down": 60.0})
        await down.wait()
        walking.cancel()
        await asyncio.wait([walking])
        assert sink.performed == [Key("right", True), Key("right", False), Key("down", True), Key("down", False)]


async def test_a_person_who_takes_over_ends_the_play() -> None:
    picture = np.zeros((500, 700, 4), np.uint8)
    picture[20:60, 30:670, :3] = (90, 44, 40)
    keyboard = FakeSource()
    async with (
        ScreenCapturer(FakeScreen([picture])) as capturer,
        OCRModule(FakeReader(lambda gray: [])) as ocr,
        InputSimulator(allow=True, sink=FakeSink(), keyboard=keyboard) as simulator,
    ):
        playing = asyncio.create_task(Bot(capturer, ocr, simulator).play(60))
        for key in ("ctrl", "alt", "k"):
            keyboard.emit(Key(key, True))
        with pytest.raises(InputKilled, match=r"ctrl\+alt\+k was pressed"):
            await playing


def test_the_way_leads_around_what_is_in_it() -> None:
    points = way((100, 200), (400, 200), [(250, 200)], 60, ROOM)
    assert points[-1] == (400, 200)
    assert all((x - 250) ** 2 + (y - 200) ** 2 >= 60**2 for x, y in points)
    assert way((100, 200), (400, 200), [(400, 200)], 60, ROOM) == []


def test_the_window_is_found_by_its_bar() -> None:
    screen = np.zeros((600, 800, 4), np.uint8)
    assert window(Frame(screen)) is None
    screen[50:90, 70:710, :3] = (90, 44, 40)
    assert window(Frame(screen)) == Region(70, 50, 640, 440)
    assert window(Frame(screen[:300])) is None
