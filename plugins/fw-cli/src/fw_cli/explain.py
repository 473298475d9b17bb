"""`fw run --explain`: start an application, show what took how long, stop it."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Sequence

from framework import App
from framework.graph import order
from fw_cli.application import bootstrapped, options, parser
from fw_cli.drawing import reduced
from fw_cli.timing import Timing, critical_path, tree


def explain_parser() -> ArgumentParser:
    """The parser of ``fw run --explain``."""
    made = parser("run --explain", "Start an application without opening its doors, show what took how long, stop it.")
    made.add_argument("--json", action="store_true")
    return made


def explain_command(arguments: Sequence[str]) -> int:
    """Print the start tree of an application; the exit status. Raises what its start raises."""
    given = explain_parser().parse_args(arguments)
    app = bootstrapped(options(given))
    with asyncio.Runner(loop_factory=app.loop_factory) as runner:
        timings = runner.run(_started(app))
    path = critical_path(timings)
    if given.json:
        rows = [
            {"unit": t.unit, "needs": sorted(t.needs), "begun": t.begun, "took": t.took, "critical": t.unit in path}
            for t in timings.values()
        ]
        print(json.dumps(rows, indent=2))
        return 0
    print("".join(f"{line}\n" for line in tree(timings, path)), end="")
    print(f"{app.name} was up after {max((t.up for t in timings.values()), default=0.0):.3f} s (mode {app.mode})")
    print(f"critical path: {' -> '.join(path) or 'nothing to start'}")
    return 0


async def _started(app: App) -> dict[str, Timing]:
    await app.start()
    lifecycle = app.assembly.lifecycle
    await app.stop("its start has been explained")
    first = min((begun for begun, _ in lifecycle.times.values()), default=0.0)
    wanted = {unit.name: unit.needs for unit in lifecycle.units}
    needs = reduced({name: wanted[name] for name in order(wanted)})
    return {
        name: Timing(name, needs[name], begun - first, up - first)
        for name, (begun, up) in sorted(lifecycle.times.items(), key=lambda item: item[1])
    }
