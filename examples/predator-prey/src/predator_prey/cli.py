"""`predator-prey`: runs the world without a window."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from fw_environment import Collector, ProgressBar
from fw_environment.drawing import Film, save
from predator_prey.picture import curves, filmed
from predator_prey.world import MEASURES, make_world


def parser() -> ArgumentParser:
    """The options."""
    made = ArgumentParser(prog="predator-prey", description="Hares and foxes, ten thousand of them.")
    made.add_argument("--days", type=int, default=300, help="how long (default: 300)")
    made.add_argument("--hares", type=int, default=7000, help="at the beginning (default: 7000)")
    made.add_argument("--foxes", type=int, default=3000, help="at the beginning (default: 3000)")
    made.add_argument("--regrowth", type=int, default=30, help="days until there is grass again (default: 30)")
    made.add_argument("--seed", type=int, default=0, help="what chance follows from (default: 0)")
    made.add_argument("--csv", type=Path, help="where the columns go")
    made.add_argument("--curves", type=Path, help="where a picture of the numbers goes (.png)")
    made.add_argument("--film", type=Path, help="where a film of the middle of the land goes (.gif)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    asked = parser().parse_args(arguments)
    env = make_world(asked.hares, asked.foxes, asked.regrowth, asked.seed)
    film = Film(rate=8)
    if asked.film:
        env.renderers.append(filmed(film))
    with Collector(env, MEASURES) as collector:
        env.run(asked.days, progress=ProgressBar())
    if asked.csv:
        collector.save(asked.csv)
    if asked.curves:
        save(curves(collector.columns), asked.curves)
    if asked.film:
        film.save(asked.film)
    last = {name: values[-1] for name, values in collector.columns.items()}
    print("{hares} hares and {foxes} foxes after {time:g} days, grass on {grass:.0%} of the land".format(**last))
    return 0
