"""The command `fw`. Each command imports what it needs; help and version import nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence

USAGE = """\
usage: fw COMMAND [OPTIONS]

commands:
  run [TARGET]           run an application until it is stopped (fw run --help)
  plugins list [--json]  the installed plugins, and which are on here

options:
  --help, --version

exit status: 0 success, 1 failure, 2 wrong usage or configuration, 4 the application did not start, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``fw``; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    match words:
        case [] | ["--help" | "-h" | "help", *_]:
            print(USAGE, end="")
            return 0
        case ["--version", *_]:
            return _version()
        case ["run", *rest]:
            return _run(rest)
        case ["plugins", "list", *rest]:
            return _plugins_list(rest)
    print(f"fw: unknown command {' '.join(words)!r}; fw --help lists them", file=sys.stderr)
    return 2


def _version() -> int:
    from importlib_metadata import version

    print(f"fw {version('fw-core')}")
    return 0


def _run(arguments: list[str]) -> int:
    from framework.errors import FrameworkError
    from framework.options import parse_run
    from framework.running import execute
    from framework.target import find_target, load_app

    options = parse_run(arguments)
    try:
        app = load_app(options.target or find_target(options))
    except FrameworkError as error:
        print(f"fw: {error}", file=sys.stderr)
        return error.exit_code
    return execute(app, options)


def _plugins_list(arguments: list[str]) -> int:
    from framework.errors import FrameworkError
    from framework.listing import print_plugins

    unknown = [word for word in arguments if word != "--json"]
    if unknown:
        print(f"fw plugins list: unknown option {unknown[0]!r}; it takes --json", file=sys.stderr)
        return 2
    try:
        print_plugins(as_json="--json" in arguments)
    except FrameworkError as error:
        print(f"fw: {error}", file=sys.stderr)
        return error.exit_code
    return 0
