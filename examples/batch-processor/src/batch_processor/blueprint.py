"""The states of the job: list the folder, inspect every file, put the results together."""

from typing import Any

from fw_orchestrator import ActionFactory, StateMachineBlueprint

process_folder = StateMachineBlueprint("process_folder", api_version="v1", api_endpoint="/jobs/process_folder")


@process_folder.handler_for("start", is_start=True)
def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
    """Have a worker list the folder."""
    actions.dispatch_task("list_folder", {"folder": initial_data.get("folder")}, transitions={"success": "inspect"})


@process_folder.handler_for("inspect")
def inspect(initial_data: dict[str, Any], state_history: dict[str, Any], actions: ActionFactory) -> None:
    """One task per file. ``require=0``: a file that cannot be read does not fail the job."""
    actions.dispatch_parallel(
        [
            {"task_type": "inspect_file", "params": {"folder": initial_data["folder"], "path": path}}
            for path in state_history["files"]
        ],
        aggregate_into="summary",
        require=0,
    )


@process_folder.aggregator_for("summary")
def summary(
    aggregation_results: dict[str, dict[str, Any]], state_history: dict[str, Any], actions: ActionFactory
) -> None:
    """Sort what came back into what could be read and what could not."""
    results = aggregation_results.values()
    files = [result["data"] for result in results if result["status"] == "success"]
    state_history["done"] = {
        "files": files,
        "bytes": sum(file["size"] for file in files),
        "unreadable": state_history.pop("unreadable")
        + [
            {"path": result["params"]["path"], "reason": (result["error"] or {}).get("message", result["status"])}
            for result in results
            if result["status"] != "success"
        ],
    }
    del state_history["files"]
    actions.transition_to("done")


@process_folder.handler_for("done", is_end=True)
def done() -> None:
    """The job's result is what stands in ``state_history`` under this state's name."""
