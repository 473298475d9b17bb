"""`fw completion`: scripts for shells. The scripts ask `fw` itself, so they never go stale."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from fw_cli.candidates import SHELLS, candidates


def completion_parser() -> ArgumentParser:
    """The parser of ``fw completion``."""
    made = ArgumentParser(
        prog="fw completion",
        description='Print a script that completes commands of fw. For bash: eval "$(fw completion bash)".',
    )
    made.add_argument("shell", choices=SHELLS)
    return made


def completion_command(arguments: Sequence[str]) -> int:
    """Print a shell's script; or, asked by such a script, what could stand at the end of a line. The exit status."""
    match list(arguments):
        case ["candidates", shell, line] if shell in SHELLS:
            print("".join(f"{word}\n" for word in candidates(line, shell)), end="")
        case _:
            shell = completion_parser().parse_args(arguments).shell
            print((Path(__file__).parent / "shells" / shell).read_text("utf-8"), end="")
    return 0
