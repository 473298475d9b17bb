"""The options of `fw run`, also taken by `App.run()` from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

FROM_PLUGINS = {"--explain": "fw-cli", "--reload": "fw-cli"}
"""Options of `fw run` that plugins add, with the package to recommend where none does."""
LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class RunOptions:
    """What to run and how."""

    target: str | None = None
    mode: str | None = None
    config: str | None = None
    env: str | None = None
    log_level: str | None = None
    toggles: Sequence[str] = ()
    flags: Sequence[str] = ()


def parse_run(arguments: Sequence[str], *, with_target: bool = True) -> RunOptions:
    """Read a command line; prints help or a usage error and exits like argparse does (status 0 or 2)."""
    return RunOptions(**vars(run_parser(with_target=with_target).parse_args(arguments)))


def split_run(arguments: Sequence[str]) -> tuple[RunOptions, str]:
    """The options of `fw run`, and the one that a plugin adds, if it is given: the plugin reads the line itself."""
    if {"-h", "--help"}.intersection(arguments):
        complete_run_parser().parse_args(["--help"])
    parser = run_parser()
    known, unknown = parser.parse_known_args(arguments)
    for word in unknown:
        if word in _offered():
            return RunOptions(**vars(known)), word
    if unknown:
        advice = [
            f"; {word} comes with {FROM_PLUGINS[word]}: pip install {FROM_PLUGINS[word]}"
            for word in unknown
            if word in FROM_PLUGINS
        ]
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{''.join(advice)}")
    return RunOptions(**vars(known)), ""


def _offered() -> dict[str, str]:
    """The options that installed plugins add to `fw run`, each with its help."""
    from framework.discovery import installed
    from framework.manifest import is_run_option

    commands = [item for plugin in installed() for item in plugin.manifest.commands.items()]
    return {name.removeprefix("run "): text["help"].strip() for name, text in commands if is_run_option(name)}


def complete_run_parser() -> argparse.ArgumentParser:
    """The parser of `fw run` with the options that installed plugins add, for help and completion."""
    parser = run_parser()
    for option, text in sorted(_offered().items()):
        parser.add_argument(option, action="store_true", help=text)
    return parser


def run_parser(*, with_target: bool = True) -> argparse.ArgumentParser:
    """The parser of `fw run`."""
    parser = argparse.ArgumentParser(
        prog="fw run" if with_target else None,
        description="Run an application until it is stopped.",
        # Of a fixed width, as `fw --help` is: to ask for that of the terminal, each option would import shutil.
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=100),
    )
    add_application_options(parser, with_target=with_target)
    parser.add_argument("--log-level", choices=LEVELS, help="the least level shown (default: info)")
    return parser


def add_application_options(parser: argparse.ArgumentParser, *, with_target: bool = True) -> None:
    """Let a command say which application it means, and how that is put together; see :class:`RunOptions`."""
    if with_target:
        parser.add_argument(
            "target", nargs="?", help="module:attribute of the App (default: [app] target, else app:app)"
        )
    parser.add_argument(
        "--mode", help="cli, web, worker, desktop, sim or a mode of your own (default: web if something serves it)"
    )
    parser.add_argument("--config", help="configuration file (default: fw.toml, or [tool.fw] of pyproject.toml)")
    parser.add_argument("--env", help="named environment: the sections [env.NAME…] of the configuration file")
    parser.add_argument(
        "--set", action="append", default=[], dest="flags", metavar="SECTION.KEY=VALUE", help="override a setting"
    )
    parser.add_argument(
        "-p",
        action="append",
        default=[],
        dest="toggles",
        metavar="NAME",
        help="switch a plugin on, or off with no:NAME",
    )
