"""Ships learn to dock; what they have learned is seen in a real window."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from framework.clock import Frame as Moment
from fw_environment import Environment, Pawn
from fw_environment.drawing import ArrayRenderer, Frame
from fw_gym import Network
from fw_vision import Frame as Seen
from fw_vision import ScreenCapturer, find_color
from fw_vision.screen import MssScreen
from fw_vision.virtual_display import VirtualDisplay
from trained_agent.app import make_app
from trained_agent.cli import main
from trained_agent.harbour import Harbour, make_harbour
from trained_agent.picture import DOCKED, SHIP, SIZE, ZOOM, view
from trained_agent.training import LEARNED, policy

PIER = range(SIZE[0] // 2 - ZOOM // 10 - 2, SIZE[0] // 2 + ZOOM // 10 + 3)
"""Columns at which a ship has docked."""


def columns(frame: Seen, colour: tuple[int, int, int]) -> list[int]:
    """Where circles of a colour are, left to right."""
    return sorted(blob.center[0] for blob in find_color(frame, colour))


@pytest.mark.needs("xvfb")
async def test_the_window_shows_how_a_trained_ship_docks() -> None:
    with VirtualDisplay(*SIZE) as display:
        command = [sys.executable, "-m", "trained_agent", "replay", "--ships", "1", "--seed", "2", "--speed", "2"]
        own = {"DISPLAY": display.name, "SDL_VIDEODRIVER": "x11"}
        async with ScreenCapturer(MssScreen(display.name)) as capturer:
            process = await asyncio.create_subprocess_exec(*command, env=os.environ | own, stdout=subprocess.PIPE)
            try:
                under_way: list[int] = []
                arrived: list[int] = []
                async with aclosing(capturer.stream(50)) as frames:
                    async for frame in frames:
                        under_way += columns(frame, SHIP)
                        arrived = columns(frame, DOCKED)
                        if arrived or process.returncode is not None:
                            break
                told, _ = await asyncio.wait_for(process.communicate(), 30)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
    assert (process.returncode, told.decode().split(",")[0]) == (0, "1 of 1 docked")
    assert under_way[0] not in PIER
    assert len(set(under_way)) >= 5, "it was seen on its way"
    [place] = arrived
    assert place in PIER


def test_what_is_shipped_brings_every_ship_in_and_chance_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--headless", "--ships", "100", "--seed", "5"]) == 0
    assert capsys.readouterr().out.startswith("100 of 100 docked, 0 lost")
    assert main(["replay", "--headless", "--ships", "40", "--chance"]) == 1
    assert int(capsys.readouterr().out.split()[0]) < 20


def test_training_makes_what_is_shipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As good, that is: libraries of linear algebra differ in the last bit."""
    path = tmp_path / "learned.npz"
    assert main(["train", str(path)]) == 0
    assert (found := re.search(r"mean return (\d+\.\d)", capsys.readouterr().out))
    assert float(found[1]) >= 9.0
    made, shipped = (Network.read(one).layers.weights for one in (path, LEARNED))
    assert [one.shape for one in made] == [one.shape for one in shipped]
    assert main(["replay", "--headless", "--ships", "50", "--policy", str(path)]) == 0


def test_the_same_seed_sends_the_same_ships() -> None:
    def after(seed: int) -> bytes:
        env = make_harbour(policy(LEARNED, 0), 12, seed=seed)
        env.step(60)
        return env.hash()

    assert after(1) == after(1)
    assert after(1) != after(2)


def shown(env: Environment, alpha: float) -> float:
    """The column in which the only ship is drawn between the last two steps."""
    frames: list[Frame] = []
    view(ArrayRenderer(), frames.append)(env, Moment(0, env.time, alpha))
    return float(np.nonzero((frames[0] == SHIP).all(axis=-1))[1].mean())


def test_between_two_steps_a_ship_is_drawn_on_its_way() -> None:
    env = make_harbour(policy(LEARNED, 0), 1, seed=2)
    env.interpolation.on = True
    env.step(8)
    before, between, after = (shown(env, alpha) for alpha in (0.0, 0.5, 1.0))
    assert abs(after - before) > 3
    assert between == pytest.approx((before + after) / 2, abs=1)


async def test_whoever_closes_the_window_stops_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = make_harbour(policy(LEARNED, 0), 3)
    app = make_app(env)
    app.bootstrap(mode="sim")
    async with app:
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        assert await app.wait_stop_requested() == "The window was closed."
    assert not pygame.display.get_init()
    assert not env.system(Harbour).finished


def test_without_a_display_it_says_what_to_do() -> None:
    own = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "trained_agent", "replay"]
    done = subprocess.run(
        command, env=own | {"SDL_VIDEODRIVER": "x11"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "There is no window" in done.stderr
    assert "--headless" in done.stderr


def test_a_film_shows_it_too(tmp_path: Path) -> None:
    assert main(["replay", "--ships", "3", "--film", str(tmp_path / "film.gif")]) == 0
    with Image.open(tmp_path / "film.gif") as film:
        assert film.size == SIZE
        assert getattr(film, "n_frames", 1) > 20


def test_what_cannot_be_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["--ships", "0"], ["--speed", "0"]):
        with pytest.raises(SystemExit) as refused:
            main(["replay", "--headless", *wrong])
        assert refused.value.code == 2
    assert "give one ship or more" in capsys.readouterr().err


def test_a_docked_ship_rests_and_makes_room() -> None:
    env = make_harbour(policy(LEARNED, 0), 2, berths=1)
    first = next(iter(env.of(Pawn)))
    env.run(lambda world: world.system(Harbour).docked == 1)
    place = first.x
    env.step(5)
    assert (first.alive, first.x) == (True, place)
    env.run(lambda world: world.system(Harbour).finished)
    assert (env.system(Harbour).docked, list(env.of(Pawn))) == (2, [])
