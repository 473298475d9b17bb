"""What would become of the jobs in a store if they went on with the blueprints that are registered now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.model import TERMINAL, JobCount, JobStatus

ENDED = TERMINAL - {JobStatus.QUARANTINED}
"""Ends for good: a quarantined job may be resumed."""


@dataclass(frozen=True)
class Prospect:
    """Some jobs that stand in the same place. ``state`` is where they would go on; None: nowhere, ``why`` says so."""

    count: JobCount
    state: str | None
    why: str


def prospects(
    counts: Iterable[JobCount], blueprints: Mapping[str, StateMachineBlueprint], renamed: Mapping[str, str]
) -> list[Prospect]:
    """Of all jobs that have not ended, by where they stand; ``renamed`` maps former names of states to new ones."""
    return [_prospect(count, blueprints.get(count.blueprint), renamed) for count in counts if count.status not in ENDED]


def _prospect(count: JobCount, blueprint: StateMachineBlueprint | None, renamed: Mapping[str, str]) -> Prospect:
    if blueprint is None:
        return Prospect(count, None, f"no blueprint {count.blueprint!r} is registered")
    if blueprint.definition == count.definition:
        return Prospect(count, count.state, "the definition is registered")
    wanted = renamed.get(count.state, count.state)
    if wanted not in blueprint.states and wanted not in blueprint.aggregators:
        return Prospect(count, None, f"definition {blueprint.definition} has no state {wanted!r}")
    return Prospect(count, wanted, f"definition {blueprint.definition} has state {wanted!r}")
