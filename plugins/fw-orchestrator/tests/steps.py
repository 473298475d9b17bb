"""One step of a job, made without engine, store or network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fw_orchestrator import StateMachineBlueprint
from fw_orchestrator.model import Failure, Job, JobStatus, Task, TaskOutcome, TaskStatus, Transition
from fw_orchestrator.stepping import Step

NOW = 1000.5


def job(blueprint: StateMachineBlueprint, **members: Any) -> Job:
    """A job in its first state, at version 4."""
    kept = {"state": "start", "version": 4, "created_at": 1.0, "updated_at": 1.0, **members}
    return Job(id="j", blueprint=blueprint.name, definition=blueprint.definition, **kept)


async def step(blueprint: StateMachineBlueprint, tasks: Sequence[Task] = (), **members: Any) -> Transition:
    """The transition that follows."""
    return await Step(blueprint, job(blueprint, **members), tasks, owner="e", now=NOW).run()


def ended(outcome: TaskOutcome | None, number: int = 0) -> Task:
    """A task of the step at hand with this outcome."""
    return Task(
        id=f"t{number}",
        job_id="j",
        step=4,
        number=number,
        skill="echo",
        params={"number": number},
        enqueued_at=1.0,
        status=TaskStatus.DONE,
        outcome=outcome,
    )


def failed(code: str = "PERMANENT_ERROR", number: int = 0) -> Task:
    """One that failed."""
    return ended(TaskOutcome("failure", {}, Failure(code, "no luck")), number)


def events(transition: Transition) -> list[tuple[str, str]]:
    """What the history of a transition tells, and of which states."""
    return [(entry.event, entry.state) for entry in transition.history]


def words(transition: Transition) -> str:
    """Why the job failed."""
    assert transition.status is JobStatus.FAILED
    assert transition.error is not None
    assert transition.history[-1].event == "job_failed"
    assert transition.history[-1].detail == {"code": transition.error.code, "message": transition.error.message}
    return transition.error.message
