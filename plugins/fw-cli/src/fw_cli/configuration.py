"""`fw config`: show every setting and where it comes from, or check them all."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from framework.errors import EXIT_USAGE
from framework.options import RunOptions
from fw_cli.application import application, options, parser
from fw_cli.settings import Setting, configuration, inputs_of, problems, sections, settings


def config_parser() -> ArgumentParser:
    """The parser of the first word after ``fw config``."""
    made = ArgumentParser(prog="fw config", description="Show the settings of an application, or check them.")
    made.add_argument("action", choices=("show", "check"), help="each has its own --help")
    return made


def show_parser() -> ArgumentParser:
    """The parser of ``fw config show``."""
    made = parser("config show", "Show every setting with its value; secrets are masked.")
    made.add_argument("--sources", action="store_true", help="where each value comes from")
    made.add_argument("--json", action="store_true")
    return made


def check_parser() -> ArgumentParser:
    """The parser of ``fw config check``."""
    return parser("config check", "Show every problem of the settings at once. Exit status 0 or 2.")


def config_command(arguments: Sequence[str]) -> int:
    """Show or check; the exit status."""
    if config_parser().parse_args(arguments[:1]).action == "check":
        return _check(options(check_parser().parse_args(arguments[1:])))
    given = show_parser().parse_args(arguments[1:])
    return _show(options(given), with_sources=given.sources, as_json=given.json)


def _check(chosen: RunOptions) -> int:
    found = problems(application(chosen), chosen)
    for problem in found:
        print(f"fw: {problem}", file=sys.stderr)
    print(f"{len(found)} problem{'s' * (len(found) != 1)} found." if found else "The configuration is sound.")
    return EXIT_USAGE if found else 0


def _show(chosen: RunOptions, *, with_sources: bool, as_json: bool) -> int:
    app = application(chosen)
    inputs = inputs_of(app, chosen)
    config = configuration(app, inputs, chosen)
    rows = list(settings(sections(app, inputs, chosen.mode), config))
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2, default=str))
    else:
        print("\n".join(_lines(rows, with_sources=with_sources)))
    return 0


def _lines(rows: Iterable[Setting], *, with_sources: bool) -> Iterable[str]:
    section = ""
    for row in rows:
        if row.section != section:
            yield f"\n[{row.section}]" if section else f"[{row.section}]"
            section = row.section
        yield f"{row.key} = {_written(row.value)}{_comment(row, with_sources=with_sources)}"


def _written(value: Any) -> str:
    """A value much as TOML has it."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _comment(row: Setting, *, with_sources: bool) -> str:
    if not row.source:
        return "  # must be set"
    if with_sources or row.source == "default":
        return f"  # {row.source}"
    return ""
