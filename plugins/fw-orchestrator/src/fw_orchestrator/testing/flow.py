"""The jobs of a simulation, and what must have become of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fw_orchestrator.actions import ActionFactory
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.model import HistoryEntry, Job, JobStatus

KINDS = ("alone", "task", "tasks", "sub-job")
TASKS = {"alone": 0, "task": 1, "tasks": 3, "sub-job": 0}


def flow() -> StateMachineBlueprint:
    """Start, what the kind of the job says, middle, done; ``trail`` tells what has been applied."""
    made = StateMachineBlueprint("flow")

    @made.handler_for(is_start=True)
    def start(initial_data: dict[str, Any], state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["trail"] = ["start"]
        match initial_data["kind"]:
            case "task":
                actions.dispatch_task("echo", {"n": 0}, transitions={"success": "middle"})
            case "tasks":
                tasks = [{"task_type": "echo", "params": {"n": n}} for n in range(TASKS["tasks"])]
                actions.dispatch_parallel(tasks, aggregate_into="gathered")
            case "sub-job":
                actions.run_blueprint("flow", {"kind": "task"}, transitions={"success": "middle"})
            case _:
                actions.transition_to("middle")

    @made.aggregator_for()
    def gathered(aggregation_results: Any, state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["trail"].append("gathered")
        state_history["got"] = sorted(result["data"].get("n", -1) for result in aggregation_results.values())
        actions.transition_to("middle")

    @made.handler_for()
    def middle(initial_data: dict[str, Any], state_history: dict[str, Any], actions: ActionFactory) -> None:
        trail = ["start"] if initial_data["kind"] == "sub-job" else state_history["trail"]
        state_history["trail"] = [*trail, "middle"]
        actions.transition_to("done")

    @made.handler_for(is_end=True)
    def done(state_history: dict[str, Any]) -> None:
        state_history["trail"].append("done")

    return made


def faults_of(job: Job, history: list[HistoryEntry]) -> Iterator[str]:
    """What is wrong with a job."""
    if job.status is not JobStatus.FINISHED:
        yield f"is {job.status} in state {job.state}: {job.error}"
        return
    kind = job.initial_data["kind"]
    trail = ["start", *(["gathered"] if kind == "tasks" else []), "middle", "done"]
    if job.state_history["trail"] != trail:
        yield f"({kind}) went {job.state_history['trail']}"
    if job.version != len(trail):
        yield f"({kind}) has version {job.version} after {len(trail)} transitions"
    if kind == "tasks" and job.state_history["got"] != list(range(TASKS[kind])):
        yield f"has the results {job.state_history['got']}"
    told = Counter(
        entry.event for entry in history if entry.event != "task_timed_out" and entry.detail.get("status") != "failure"
    )
    expected = {
        "job_created": 1,
        "state_entered": len(trail) - 1,
        "tasks_dispatched": min(TASKS[kind], 1),
        "task_finished": TASKS[kind],
        "sub_job_started": int(kind == "sub-job"),
        "sub_job_ended": int(kind == "sub-job"),
        "job_finished": 1,
    }
    if told != Counter(expected):
        yield f"({kind}) has the history {dict(told)}"
