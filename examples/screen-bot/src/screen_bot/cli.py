"""`screen-bot`: the game on a display of its own, and the bot in front of it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from framework import App
from framework.errors import FrameworkError
from fw_input import InputKilled
from fw_vision.virtual_display import VirtualDisplay
from screen_bot.bot import Bot, speed

SETTINGS = Path(__file__).with_name("fw.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 the bot won, 1 it did not, 2 wrong usage, 4 it could not start."""
    parser = argparse.ArgumentParser(prog="screen-bot", description="A bot plays a game through the screen.")
    parser.add_argument("--seed", type=int, default=1, help="which game; 1 by default")
    parser.add_argument("--film", type=Path, help="keep what the bot saw: FILE.gif, .webp or .png")
    parser.add_argument("--here", action="store_true", help="on this desktop, with its mouse and keyboard")
    parser.add_argument("--timeout", type=float, default=100.0, help="seconds that the game may take")
    options = parser.parse_args(arguments)
    try:
        with contextlib.nullcontext() if options.here else _own_display():
            return asyncio.run(_play(options.seed, options.film, options.timeout))
    except InputKilled as error:
        print(error, file=sys.stderr)
        return 1
    except FrameworkError as error:
        print(error, file=sys.stderr)
        return 4


@contextlib.contextmanager
def _own_display() -> Iterator[None]:
    with VirtualDisplay(800, 600) as display:
        os.environ["DISPLAY"] = display.name  # for the game, and for pynput, which looks nowhere else
        yield


async def _play(seed: int, film: Path | None, timeout: float) -> int:
    app = App("screen-bot", plugins=["vision", "input"])
    app.log_level = "warning"
    app.register(Bot)
    app.bootstrap(mode="sim", config=SETTINGS)
    async with app:
        bot = app.container.get(Bot)
        command = [sys.executable, "-m", "screen_bot.game", str(seed)]
        game = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        began = time.monotonic()
        try:
            seen = await bot.play(timeout)
            verdict = await asyncio.wait_for(game.wait(), 10)
        except TimeoutError:
            print(f"the game did not end within {timeout} s")
            return 1
        finally:
            if game.returncode is None:
                game.terminate()
                await game.wait()
            if film is not None:
                await asyncio.to_thread(bot.film.save, film)
                print(f"what it saw: {film}")
        won = seen and verdict == 0
        print(f"{'won' if won else 'lost'} in {time.monotonic() - began:.1f} s: {speed(bot, began)}")
    return 0 if won else 1
