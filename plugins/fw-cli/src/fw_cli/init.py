"""`fw init`: make a project from a template that this package brings."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from fw_cli.errors import InitError


def init_parser() -> ArgumentParser:
    """The parser of ``fw init``."""
    made = ArgumentParser(prog="fw init", description="Make a project from a template. Never overwrites a file.")
    made.add_argument("template", metavar="TEMPLATE", help=f"one of: {', '.join(templates())}")
    made.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, help="where (default: named by the template)")
    made.add_argument(
        "--set", action="append", default=[], dest="answers", metavar="KEY=VALUE", help="an answer to the template"
    )
    return made


def init_command(arguments: Sequence[str]) -> int:
    """Make a project and say what it holds; the exit status. Raises :class:`InitError`."""
    given = init_parser().parse_args(arguments)
    template = templates().get(given.template)
    if template is None:
        raise InitError(f"There is no template {given.template!r}.", remedy=f"There are: {', '.join(templates())}.")
    from fw_cli.generation import generate

    folder, files = generate(template, given.folder, _answers(given.answers))
    print(f"{folder} has {len(files)} new files:")
    print("".join(f"  {file}\n" for file in files), end="")
    return 0


def templates() -> Mapping[str, Path]:
    """The folder of each template by its name."""
    folder = Path(__file__).parent / "templates"
    return {path.name: path for path in sorted(folder.iterdir()) if (path / "cookiecutter.json").is_file()}


def _answers(words: Sequence[str]) -> dict[str, str]:
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise InitError(f"--set {word!r} is not understood.", remedy="Write --set KEY=VALUE.")
        found[key] = value
    return found
