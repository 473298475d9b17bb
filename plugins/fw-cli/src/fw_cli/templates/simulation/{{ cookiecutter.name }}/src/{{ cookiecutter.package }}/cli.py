"""Runs without a window: one world with progress, columns and a film, or many worlds."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from fw_environment import Collector, ProgressBar, sweep
from fw_environment.drawing import Film

from {{ cookiecutter.package }}.grass import Grass
from {{ cookiecutter.package }}.picture import filmed
from {{ cookiecutter.package }}.world import MEASURES, count, grown, make_world, simulate


def parser() -> ArgumentParser:
    """The options."""
    made = ArgumentParser(prog="{{ cookiecutter.name }}", description="{{ cookiecutter.summary }}.")
    made.add_argument("--seconds", type=float, default=60.0, help="of the world (default: 60)")
    made.add_argument("--sheep", type=int, action="append", help="how many; give it again to compare (default: 20)")
    made.add_argument("--seed", type=int, default=0, help="what chance follows from (default: 0)")
    made.add_argument("--runs", type=int, default=1, help="so many seeds, beginning with --seed (default: 1)")
    made.add_argument("--csv", type=Path, help="where the columns go")
    made.add_argument("--film", type=Path, help="where a film of a single run goes (.gif, .webp, .png)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    asked = parser().parse_args(arguments)
    asked.sheep = asked.sheep or [20]
    if len(asked.sheep) > 1 or asked.runs > 1:
        run_many(asked)
    else:
        run_one(asked)
    return 0


def run_one(asked: Namespace) -> None:
    """One world from beginning to end."""
    env = make_world(asked.sheep[0], asked.seed)
    film = Film(rate=10)
    if asked.film:
        env.renderers.append(filmed(film, Grass.defaults["side"], every=4))
    with Collector(env, MEASURES, every=20) as collector:
        env.run(asked.seconds, progress=ProgressBar())
    if asked.csv:
        collector.save(asked.csv)
    if asked.film:
        film.save(asked.film)
    print(f"{count(env)} sheep, grass {grown(env):.2f} m high after {env.time:g} s")


def run_many(asked: Namespace) -> None:
    """Every number of sheep with every seed."""
    grid = {"sheep": asked.sheep, "seconds": [asked.seconds]}
    seeds = range(asked.seed, asked.seed + asked.runs)
    results = sweep(simulate, grid, seeds=seeds, progress=ProgressBar())
    if asked.csv:
        results.save(asked.csv)
    for row in results.rows:
        told = "{sheep} sheep, seed {seed}: {sheep_left} left, grass {grass:.2f} m high"
        print(told.format(**row))
