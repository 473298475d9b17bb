"""From what a handler asked for to tasks: what of it, of the job and of the settings counts."""

from __future__ import annotations

from typing import Any

import pytest

from fw_orchestrator.actions import AwaitApproval, RunBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.dispatching import Dispatch, Rules
from fw_orchestrator.errors import ActionError
from fw_orchestrator.model import JobOptions, Task, TaskStatus
from fw_orchestrator.orders import TaskOrder

from .orchestration import flow, nothing
from .steps import NOW, job, step, words


def dispatch(options: JobOptions | None = None, **settings: Any) -> Dispatch:
    """For a job of version 4."""
    blueprint = flow(nothing)
    rules = Rules(OrchestratorSettings(**settings), find_blueprint=lambda name: blueprint if name == "flow" else None)
    return Dispatch(rules, job(blueprint, options=options or JobOptions()), NOW)


def the_task(options: JobOptions | None = None, settings: dict[str, float] | None = None, **members: Any) -> Task:
    [task] = dispatch(options, **(settings or {})).tasks([TaskOrder("echo", {}, **members)])
    return task


async def test_a_job_uses_no_other_skills_than_it_may() -> None:
    asks = flow(lambda actions: actions.dispatch_parallel([{"type": "echo"}, {"type": "sing"}], aggregate_into="sum"))
    asks.aggregator_for("sum")(nothing)
    got = await step(asks, options=JobOptions(allowed_skills=("echo", "dance")))
    assert words(got) == "The job may not use skill 'sing'; allowed: echo, dance."
    assert got.tasks == ()
    assert len((await step(asks, options=JobOptions(allowed_skills=("echo", "sing")))).tasks) == 2


@pytest.mark.parametrize(
    "of_task, of_job, of_settings, counts",
    [(1.0, 2.0, 3.0, 1.0), (None, 2.0, 3.0, 2.0), (None, None, 3.0, 3.0), (None, None, 0.0, None)],
)
def test_the_time_of_a_task_counts_before_that_of_its_job_and_of_the_settings(
    of_task: float | None, of_job: float | None, of_settings: float, counts: float | None
) -> None:
    waits = the_task(JobOptions(dispatch_timeout=of_job), {"dispatch_timeout": of_settings}, dispatch_timeout=of_task)
    assert waits.dispatch_timeout == counts
    assert waits.dispatch_deadline == (None if counts is None else NOW + counts)
    runs = the_task(JobOptions(result_timeout=of_job), {"result_timeout": of_settings}, result_timeout=of_task)
    assert runs.result_timeout == counts


def test_a_task_carries_what_its_order_says_and_what_its_job_is_about() -> None:
    task = the_task(JobOptions(metadata={"who": "me"}), priority=3, retries=5, requirements={"skill_version": "2"})
    assert (task.priority, task.retries, task.step, task.enqueued_at) == (3, 5, 5, NOW)
    assert task.requirements == {"skill_version": "2", "metadata": {"who": "me"}}


@pytest.mark.parametrize("members", [{"params": {"bad": object()}}, {"requirements": {"resources": {"ram": object()}}}])
def test_what_is_no_json_is_not_dispatched(members: dict[str, Any]) -> None:
    with pytest.raises(ActionError, match="cannot be stored as JSON"):
        dispatch().tasks([TaskOrder("echo", **({"params": {}} | members))])


def test_a_sub_job_may_do_no_more_than_its_parent() -> None:
    options = JobOptions(allowed_skills=("echo",), metadata={"who": "me"}, dispatch_timeout=5.0)
    task, child = dispatch(options).sub_job(RunBlueprint("flow", {"n": 1}, {}, timeout=10.0))
    assert child.options == JobOptions(allowed_skills=("echo",), metadata={"who": "me"})
    assert (child.parent_id, child.parent_task, child.depth, child.initial_data) == ("j", task.id, 1, {"n": 1})
    assert (task.worker_id, task.params, task.result_deadline) == (child.id, {"n": 1}, NOW + 10)


def test_a_person_holds_a_task_from_the_start() -> None:
    task = dispatch().approval(AwaitApproval("mail", "Shall we?", {"approved": "done"}, timeout=60.0))
    assert (task.status, task.started_at, task.result_deadline) == (TaskStatus.RUNNING, NOW, NOW + 60)
    assert task.params == {"integration": "mail", "message": "Shall we?"}
    endless = dispatch().approval(AwaitApproval("mail", "Shall we?", {"approved": "done"}))
    assert endless.result_deadline is None
