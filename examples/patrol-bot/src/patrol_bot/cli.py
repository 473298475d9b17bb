"""`patrol-bot`: runs the yard while you edit the tree, or shows how that looks."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fw_environment import Environment, TreeController
from fw_environment.drawing import Film
from patrol_bot.live import LiveTrees
from patrol_bot.picture import view
from patrol_bot.yard import Bot, make_world

TREE = Path(__file__).with_name("patrol.xml")


def parser() -> ArgumentParser:
    """The options."""
    made = ArgumentParser(prog="patrol-bot", description="A bot whose tree is edited while it runs.")
    made.add_argument("tree", type=Path, nargs="?", help="the file to follow; made if it is not there")
    made.add_argument("--seconds", type=float, default=60.0, help="how long (default: 60)")
    made.add_argument("--speed", type=float, default=1.0, help="seconds of the world in a real one (default: 1)")
    made.add_argument("--demo", type=Path, metavar="FILM", help="film a run in which the tree is edited at 10 s (.gif)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    asked = parser().parse_args(arguments)
    if asked.demo:
        demo(asked.demo)
        return 0
    file: Path = asked.tree or Path("patrol.xml")
    if not file.exists():
        shutil.copyfile(TREE, file)
    print(f"Edit {file}, for example <Chase/> instead of <Bark/>; the bot goes on.", file=sys.stderr)
    env, bot = patrolled(file, print)
    env.run(asked.seconds, realtime=asked.speed)
    print(f"{bot.barks} barks, {bot.caught} caught")
    return 0


def patrolled(file: Path, tell: Callable[[str], object]) -> tuple[Environment, Bot]:
    """A yard whose bot follows the tree of a file."""
    env, bot = make_world()
    live = LiveTrees(file, tell)
    TreeController(live.tree).possess(bot)
    env.watchers.append(live.watch)
    return env, bot


def demo(path: Path) -> None:
    """Ten seconds of barking, an edit, and twenty seconds of what comes of it; as fast as it can."""
    film = Film(rate=10)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "patrol.xml"
        shutil.copyfile(TREE, file)
        env, bot = patrolled(file, print)
        env.renderers.append(view(film.add, every=4))
        env.run(10)
        file.write_text(file.read_text("utf-8").replace("<Bark/>", "<Chase/>"), "utf-8")
        env.run(30)
    film.save(path)
    print(f"{bot.barks} barks, {bot.caught} caught")
