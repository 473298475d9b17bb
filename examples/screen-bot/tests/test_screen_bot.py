"""The bot wins the real game on a real X screen; its parts, alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fw_behavior import BehaviorTree, Blackboard
from fw_behavior.waking import run
from fw_input import FakeSink, FakeSource, InputSettings, InputSimulator, Key, MouseButton
from fw_vision import Frame, Region, TextBox
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


def hands(sink: FakeSink) -> InputSimulator:
    return InputSimulator(InputSettings(allow=True, rate=10_000), sink=sink, keyboard=FakeSource())


async def decided(**seen: object) -> FakeSink:
    """What the mind makes of what is seen."""
    sink = FakeSink()
    async with hands(sink) as simulator:
        tree = BehaviorTree(mind(Body(simulator, ROOM)), Blackboard(seen))
        await run(tree)
        await tree.aclose()
        done = FakeSink()
        done.performed = list(sink.performed)  # without what the end releases
    return done


async def test_it_presses_the_button_that_says_start() -> None:
    labels = [TextBox("QUIT", Region(0, 0, 9, 9), 0.9), TextBox("START", Region(100, 80, 50, 20), 0.9)]
    sink = await decided(phase="READY", labels=labels)
    assert MouseButton("left", True, 125, 90) in sink.performed


async def test_it_types_the_word_below_the_question() -> None:
    texts = [TextBox(text, Region(0, 0, 9, 9), 0.9) for text in ("THE WORD IS", "RIVER", "RI")]
    sink = await decided(phase="GATE", lines=texts)
    keys = [event.key for event in sink.performed if isinstance(event, Key) and event.pressed]
    assert keys == [*"river", "enter"]


async def test_it_steers_towards_the_nearest_coin() -> None:
    sink = await decided(phase="COINS", player=(300, 200), coins=((300, 400), (200, 100)), mines=())
    keys = [event.key for event in sink.performed if isinstance(event, Key) and event.pressed]
    assert keys == ["left", "up"]


@pytest.mark.parametrize("seen", [{"phase": ""}, {"phase": "GATE", "lines": []}, {"phase": "COINS", "player": None}])
async def test_it_stands_still_when_nothing_is_sure(seen: dict[str, object]) -> None:
    assert (await decided(**seen)).performed == []


async def test_near_a_mine_it_makes_small_steps() -> None:
    far = await decided(phase="COINS", player=(310, 200), coins=((310, 400),), mines=((100, 200),))
    assert far.performed == [Key("down", True)]
    near = await decided(phase="COINS", player=(310, 200), coins=((310, 400),), mines=((310, 130),))
    assert near.performed == [Key("down", True), Key("down", False)]


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
