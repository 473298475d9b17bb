"""`trained-agent`: trains ships, or watches what has been learned."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from fw_environment import Environment
from fw_environment.drawing import ArrayRenderer, Film
from trained_agent.app import make_app
from trained_agent.harbour import Harbour, make_harbour
from trained_agent.picture import view
from trained_agent.training import LEARNED, policy, train


def parser() -> ArgumentParser:
    """The options."""
    made = ArgumentParser(prog="trained-agent", description="Ships learn to dock.")
    commands = made.add_subparsers(dest="command", required=True)
    one = commands.add_parser("train", help="learn, and write what was learned")
    one.add_argument("path", type=Path, help="where it goes (.npz)")
    one.add_argument("--seed", type=int, default=1, help="what chance follows from (default: 1)")
    two = commands.add_parser("replay", help="watch ships in a window")
    what = two.add_mutually_exclusive_group()
    what.add_argument("--policy", type=Path, default=LEARNED, help="what was learned; by default what is shipped")
    what.add_argument("--chance", action="store_true", help="ships that have learned nothing")
    two.add_argument("--ships", type=int, default=20, help="how many come (default: 20)")
    two.add_argument("--seed", type=int, default=0, help="where they come from (default: 0)")
    two.add_argument("--speed", type=float, default=1.0, help="seconds of the world in a real one (default: 1)")
    where = two.add_mutually_exclusive_group()
    where.add_argument("--headless", action="store_true", help="without a window, as fast as it can")
    where.add_argument("--film", type=Path, help="without a window, to a file (.gif, .webp)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 if a ship was lost, or the window was closed before all had come."""
    made = parser()
    asked = made.parse_args(arguments)
    if asked.command == "train":
        progress = train(asked.path, asked.seed)
        print(f"{asked.path}: mean return {progress.mean_return:.1f} after {progress.steps} steps")
        return 0
    if asked.ships < 1 or not asked.speed > 0:
        made.error(f"--ships {asked.ships} --speed {asked.speed:g}: give one ship or more, and a speed above 0")
    env = make_harbour(policy(None if asked.chance else asked.policy, asked.seed), asked.ships, seed=asked.seed)
    replay(env, asked)
    harbour = env.system(Harbour)
    print(f"{harbour.docked} of {harbour.wanted} docked, {harbour.lost} lost, in {env.time:.1f} s")
    return 0 if harbour.docked == harbour.wanted else 1


def replay(env: Environment, asked: Namespace) -> None:
    """Run the world to its end, in the way that was asked for."""
    if not (asked.headless or asked.film):
        make_app(env, asked.speed).run(mode="sim")
        return
    film = Film(rate=10)
    if asked.film:
        env.renderers.append(view(ArrayRenderer(), film.add))
    env.run(lambda world: world.system(Harbour).finished)
    if asked.film:
        film.save(asked.film)
