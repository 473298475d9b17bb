"""What would become of jobs if they went on with the blueprints of today."""

from __future__ import annotations

import json

import pytest

from fw_orchestrator import MemoryStorage
from fw_orchestrator.commands import as_json, as_text, counted
from fw_orchestrator.migration import Prospect, prospects
from fw_orchestrator.model import JobCount, JobStatus
from fw_orchestrator.store import StoreError

from .orchestration import fan_out

TODAY = fan_out(2)


def prospect(
    state: str = "start", *, status: JobStatus = JobStatus.RUNNING, blueprint: str = "flow", definition: str = "0" * 16
) -> list[Prospect]:
    """Of five jobs in one place."""
    count = JobCount(blueprint=blueprint, definition=definition, state=state, status=status, number=5)
    return prospects([count], {"flow": TODAY}, {"begin": "start", "end": "nowhere"})


@pytest.mark.parametrize(
    "state, goes_on_in",
    [("start", "start"), ("sum", "sum"), ("begin", "start"), ("gone", None), ("end", None)],
    ids=["there", "an aggregator", "renamed", "gone", "renamed to nothing"],
)
def test_a_job_goes_on_if_its_state_is_there(state: str, goes_on_in: str | None) -> None:
    [found] = prospect(state)
    assert found.state == goes_on_in


def test_a_job_of_the_registered_definition_stays_where_it_is() -> None:
    [found] = prospect("anywhere", definition=TODAY.definition)
    assert (found.state, found.why) == ("anywhere", "the definition is registered")


def test_a_job_of_no_blueprint_goes_nowhere() -> None:
    [found] = prospect(blueprint="other")
    assert (found.state, found.why) == (None, "no blueprint 'other' is registered")


@pytest.mark.parametrize("status", JobStatus)
def test_only_jobs_that_may_go_on_are_looked_at(status: JobStatus) -> None:
    ended = status in (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.CANCELLED)
    assert bool(prospect(status=status)) is not ended


def test_what_is_said() -> None:
    found = [*prospect("start"), *prospect("gone")]
    assert as_text(found).endswith("10 jobs have not ended; 5 of them could not go on.\n")
    assert as_text([]) == "0 jobs have not ended; 0 of them could not go on.\n"
    assert [row["goes_on_in"] for row in json.loads(as_json(found))] == ["start", None]


async def test_jobs_that_are_in_the_memory_of_another_process_are_not_said_to_be_none() -> None:
    with pytest.raises(StoreError, match="keeps its jobs in memory"):
        await counted(MemoryStorage())
