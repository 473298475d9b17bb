"""One step of a job: every way in and every way on."""

from __future__ import annotations

from typing import Any

import pytest

from fw_orchestrator import ActionFactory
from fw_orchestrator.model import AwaitedFanOut, AwaitedTask, Failure, JobStatus, TaskOutcome
from fw_orchestrator.stepping import Step

from .orchestration import flow, nothing
from .steps import NOW, ended, events, failed, job, step


async def test_transition_to_moves_and_is_ready() -> None:
    def start(actions: ActionFactory, state_history: dict[str, Any]) -> None:
        state_history["seen"] = True
        actions.transition_to("done")

    got = await step(flow(start), state_history={"before": 1})
    assert (got.job_id, got.owner, got.expected_version, got.at) == ("j", "e", 4, NOW)
    assert (got.state, got.status, got.ready) == ("done", JobStatus.RUNNING, True)
    assert got.state_history == {"before": 1, "seen": True}
    assert events(got) == [("state_entered", "done")]
    assert got.history[0].detail == {"from": "start"}


async def test_a_coroutine_is_awaited() -> None:
    async def start(actions: ActionFactory) -> None:
        actions.transition_to("done")

    assert (await step(flow(start))).state == "done"


async def test_dispatch_task_queues_one_task_of_the_next_version() -> None:
    params = {"deep": {"n": [1]}}

    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", params, transitions={"success": "done"}, priority=2)

    got = await step(flow(start))
    params["deep"]["n"].append(2)
    assert (got.state, got.status, got.ready) == ("start", JobStatus.WAITING_FOR_WORKER, False)
    assert got.awaited == AwaitedTask({"success": "done"})
    [task] = got.tasks
    assert (task.job_id, task.step, task.number, task.skill, task.priority) == ("j", 5, 0, "echo", 2)
    assert (task.attempt, task.enqueued_at, task.params) == (1, NOW, {"deep": {"n": [1]}})
    assert got.history[0].detail == {"tasks": 1, "skills": ["echo"]}


async def test_dispatch_parallel_numbers_its_tasks() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_parallel([{"task_type": s} for s in ("b", "a", "b")], aggregate_into="sum", require="any")

    blueprint = flow(start)
    blueprint.aggregator_for("sum")(nothing)
    got = await step(blueprint)
    assert (got.status, got.ready) == (JobStatus.WAITING_FOR_PARALLEL_TASKS, False)
    assert got.awaited == AwaitedFanOut("sum", 1, wait_for_all=False)
    assert [(task.number, task.skill) for task in got.tasks] == [(0, "b"), (1, "a"), (2, "b")]
    assert len({task.id for task in got.tasks}) == 3
    assert got.history[0].detail == {"tasks": 3, "skills": ["a", "b"]}


async def test_an_empty_fan_out_is_ready_at_once() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_parallel([], aggregate_into="sum")

    blueprint = flow(start)
    blueprint.aggregator_for("sum")(lambda actions: actions.transition_to("done"))
    got = await step(blueprint)
    assert (got.ready, got.tasks) == (True, ())
    assert (await step(blueprint, awaited=got.awaited)).state == "done"


@pytest.mark.parametrize(
    "kept, result",
    [({"done": {"n": 1}, "x": 2}, {"n": 1}), ({"x": 2}, {"x": 2}), ({}, {}), ({"done": None}, None)],
    ids=["under the end's name", "all of it", "nothing", "null"],
)
async def test_the_result_stands_under_the_name_of_the_end(kept: dict[str, Any], result: Any) -> None:
    got = await step(flow(nothing), state="done", state_history=kept)
    assert (got.status, got.ready, got.result, got.error) == (JobStatus.FINISHED, False, result, None)
    assert events(got) == [("job_finished", "done")]


async def test_an_end_may_go_on_by_an_action() -> None:
    blueprint = flow(lambda actions: actions.transition_to("done"))
    blueprint.handler_for("pause", is_end=True)(lambda actions: actions.transition_to("done"))
    assert (await step(blueprint, state="pause")).status is JobStatus.RUNNING


async def test_success_merges_the_data_and_runs_the_next_state_in_one_step() -> None:
    def after(state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["sum"] = state_history["n"] + 1
        actions.transition_to("done")

    blueprint = flow(nothing)
    blueprint.handler_for("after")(after)
    got = await step(
        blueprint,
        [ended(TaskOutcome("success", {"n": 1}))],
        awaited=AwaitedTask({"success": "after"}),
        state_history={"n": 0, "old": True},
    )
    assert got.state == "done"
    assert got.state_history == {"n": 1, "old": True, "sum": 2}
    assert events(got) == [("state_entered", "after"), ("state_entered", "done")]


@pytest.mark.parametrize("status", ["approved", "cancelled", "failure"])
async def test_the_status_chooses_the_next_state(status: str) -> None:
    got = await step(
        flow(nothing), [ended(TaskOutcome(status))], awaited=AwaitedTask({"success": "start", status: "done"})
    )
    assert got.status is JobStatus.FINISHED


@pytest.mark.parametrize(
    "outcome, status, code",
    [
        (TaskOutcome("failure", {}, Failure("PERMANENT_ERROR", "no")), JobStatus.QUARANTINED, "PERMANENT_ERROR"),
        (TaskOutcome("failure", {}, Failure("TRANSIENT_ERROR", "no")), JobStatus.QUARANTINED, "TRANSIENT_ERROR"),
        (TaskOutcome("failure", {}, Failure("MY_OWN", "no")), JobStatus.QUARANTINED, "MY_OWN"),
        (TaskOutcome("failure", {}, Failure("INVALID_INPUT_ERROR", "no")), JobStatus.FAILED, "INVALID_INPUT_ERROR"),
        (TaskOutcome("failure"), JobStatus.QUARANTINED, "TRANSIENT_ERROR"),
        (None, JobStatus.QUARANTINED, "TRANSIENT_ERROR"),
    ],
)
async def test_a_failure_without_a_transition_ends_the_job_by_its_code(
    outcome: TaskOutcome | None, status: JobStatus, code: str
) -> None:
    got = await step(flow(nothing), [ended(outcome)], awaited=AwaitedTask({"success": "done"}))
    assert (got.status, got.state, got.ready, got.result) == (status, "start", False, None)
    assert got.error is not None
    assert got.error.code == code
    assert events(got) == [(f"job_{status}", "start")]


@pytest.mark.parametrize("require", [0, 1, 2])
async def test_the_aggregator_runs_if_enough_succeeded(require: int) -> None:
    got: dict[str, Any] = {}

    def aggregate(aggregation_results: dict[str, Any], current_state: str, actions: ActionFactory) -> None:
        got.update(aggregation_results, state=current_state)
        actions.transition_to("done")

    blueprint = flow(nothing)
    blueprint.aggregator_for("sum")(aggregate)
    tasks = [failed("E", 0), ended(TaskOutcome("success", {"n": 1}), 1), ended(TaskOutcome("success", {"n": 2}), 2)]
    transition = await step(blueprint, tasks, awaited=AwaitedFanOut("sum", require))
    assert transition.state == "done"
    assert got.pop("state") == "sum"
    assert list(got) == ["t0", "t1", "t2"]
    error = {"code": "E", "message": "no luck", "details": {}}
    assert got["t0"] == {"status": "failure", "data": {}, "error": error, "params": {"number": 0}}
    assert got["t2"] == {"status": "success", "data": {"n": 2}, "error": None, "params": {"number": 2}}


async def test_the_job_itself_is_not_changed() -> None:
    def start(state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["list"].append(1)
        actions.transition_to("done")

    blueprint = flow(start)
    before = job(blueprint, state_history={"list": []})
    got = await Step(blueprint, before, (), owner="e", now=NOW).run()
    assert before.state_history == {"list": []}
    assert got.state_history == {"list": [1]}
