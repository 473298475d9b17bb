"""`fw graph`: the units of an application and what each of them needs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence

from framework.graph import order
from fw_cli.application import bootstrapped, options, parser
from fw_cli.drawing import as_mermaid, as_text, reduced

FORMATS = ("json", "mermaid", "text")


def graph_parser() -> ArgumentParser:
    """The parser of ``fw graph``."""
    made = parser("graph", "Show plugins and components in the order in which they start. Starts nothing.")
    made.add_argument("--format", choices=FORMATS, default="text")
    return made


def graph_command(arguments: Sequence[str]) -> int:
    """Print the start graph of an application that is put together and not started; the exit status."""
    given = graph_parser().parse_args(arguments)
    units = {unit.name: unit for unit in bootstrapped(options(given)).assembly.lifecycle.units}
    needs = reduced({name: units[name].needs for name in order({name: unit.needs for name, unit in units.items()})})
    owners = {name: unit.owner for name, unit in units.items()}
    if given.format == "json":
        rows = [{"unit": name, "owner": owners[name], "needs": sorted(needs[name])} for name in needs]
        print(json.dumps(rows, indent=2))
    elif given.format == "mermaid":
        print(as_mermaid(needs, owners), end="")
    else:
        print(as_text(needs) or "The application has no plugins and no components.\n", end="")
    return 0
