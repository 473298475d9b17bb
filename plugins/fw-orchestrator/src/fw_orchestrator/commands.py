"""`fw jobs`: what an operator asks of the jobs of an application that need not run."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import fields

from framework import App
from framework.options import RunOptions, add_application_options
from framework.target import find_target, load_app
from fw_orchestrator.facade import BLUEPRINT, Orchestrator
from fw_orchestrator.memory import MemoryStorage
from fw_orchestrator.migration import Prospect, prospects
from fw_orchestrator.model import JobCount
from fw_orchestrator.store import JobStore, StoreError


def migrate_parser() -> ArgumentParser:
    """The parser of ``fw jobs migrate``."""
    made = ArgumentParser(
        prog="fw jobs migrate",
        description="Show how many jobs sit in which state of which definition, and which of them could go on with the "
        "blueprints that are registered now. Exit status 1 if some could not.",
    )
    add_application_options(made)
    made.add_argument("--dry-run", action="store_true", required=True, help="change nothing; the only way there is yet")
    made.add_argument("--map", action="append", default=[], type=renaming, metavar="OLD=NEW", help="a renamed state")
    made.add_argument("--json", action="store_true", help="the same as JSON")
    return made


def renaming(text: str) -> tuple[str, str]:
    """``old=new`` as a pair."""
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise ArgumentTypeError(f"write OLD=NEW, not {text!r}")
    return old, new


def migrate_command(arguments: Sequence[str]) -> int:
    """Print what would become of the jobs; the exit status."""
    given = migrate_parser().parse_args(arguments)
    app = bootstrapped(given)
    blueprints = {one.item.name: one.item for one in app.facade(Orchestrator).declared(BLUEPRINT)}
    found = prospects(asyncio.run(counted(app.container.get(JobStore))), blueprints, dict(given.map))
    sys.stdout.write(as_json(found) if given.json else as_text(found))
    return 1 if any(prospect.state is None for prospect in found) else 0


def bootstrapped(given: Namespace) -> App:
    """The application that the command line means, put together; nothing of it is started."""
    chosen = RunOptions(
        **{field.name: getattr(given, field.name) for field in fields(RunOptions) if field.name in given}
    )
    app = load_app(chosen.target or find_target(chosen))
    app.bootstrap(mode=chosen.mode, config=chosen.config, env=chosen.env, toggles=chosen.toggles, flags=chosen.flags)
    return app


async def counted(store: JobStore) -> list[JobCount]:
    """How many jobs a store has, by where they stand. Raises :class:`StoreError` for one that ends with its process."""
    if isinstance(store, MemoryStorage):
        raise StoreError(
            "This application keeps its jobs in memory: only the process that runs it has them.",
            remedy="Ask that one: GET /api/admin/definitions. fw-store-sql keeps jobs in a file.",
        )
    await store.open()
    try:
        return await store.counts()
    finally:
        await store.close()


def as_json(found: Sequence[Prospect]) -> str:
    """One object for each place."""
    rows = [
        {
            "blueprint": prospect.count.blueprint,
            "definition": prospect.count.definition,
            "state": prospect.count.state,
            "status": prospect.count.status.value,
            "jobs": prospect.count.number,
            "goes_on_in": prospect.state,
            "why": prospect.why,
        }
        for prospect in found
    ]
    return json.dumps(rows, indent=2) + "\n"


def as_text(found: Sequence[Prospect]) -> str:
    """One line for each place, and what it comes to."""
    lines = [
        f"{prospect.count.number:>7}  {prospect.count.blueprint} {prospect.count.definition}  "
        f"{prospect.count.state} ({prospect.count.status.value})  "
        f"{'->' if prospect.state else 'xx'} {prospect.state or prospect.why}"
        for prospect in found
    ]
    total = sum(prospect.count.number for prospect in found)
    stuck = sum(prospect.count.number for prospect in found if prospect.state is None)
    return "\n".join([*lines, f"{total} jobs have not ended; {stuck} of them could not go on.", ""])
