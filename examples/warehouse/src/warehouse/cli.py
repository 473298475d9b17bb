"""`warehouse`: runs it without a window."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from fw_environment import Collector, ProgressBar
from fw_environment.drawing import Film
from warehouse.picture import view
from warehouse.world import MEASURES, make_world


def parser() -> ArgumentParser:
    """The options."""
    made = ArgumentParser(prog="warehouse", description="Robots carry boxes from shelves to docks.")
    made.add_argument("--seconds", type=float, default=300.0, help="how long (default: 300)")
    made.add_argument("--robots", type=int, default=6, help="how many, up to 8 (default: 6)")
    made.add_argument("--every", type=float, default=4.0, help="seconds between two orders (default: 4)")
    made.add_argument("--seed", type=int, default=0, help="what chance follows from (default: 0)")
    made.add_argument("--csv", type=Path, help="where the columns go")
    made.add_argument("--film", type=Path, help="where a film goes (.gif)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    asked = parser().parse_args(arguments)
    env = make_world(asked.robots, asked.every, asked.seed)
    film = Film(rate=10)
    if asked.film:
        env.renderers.append(view(film.add, every=2))
    with Collector(env, MEASURES, every=10) as collector:
        env.run(asked.seconds, progress=ProgressBar())
    if asked.csv:
        collector.save(asked.csv)
    if asked.film:
        film.save(asked.film)
    last = {name: values[-1] for name, values in collector.columns.items()}
    told = "{delivered} delivered and {waiting} waiting after {time:g} s; {driven} m at most for one robot"
    print(told.format(**last))
    return 0
