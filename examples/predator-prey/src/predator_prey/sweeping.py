"""A sweep as a job: one task for each run, done by whichever worker is free."""

from __future__ import annotations

from itertools import product
from typing import Any

from fw_orchestrator import ActionFactory, StateMachineBlueprint

sweep = StateMachineBlueprint("sweep", api_version="v1", api_endpoint="/jobs/sweep")


@sweep.handler_for("start", is_start=True)
def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
    """One task for every `regrowth` with every seed."""
    grid = product(initial_data["regrowth"], range(initial_data.get("seeds", 1)))
    runs = [{"days": initial_data["days"], "regrowth": regrowth, "seed": seed} for regrowth, seed in grid]
    actions.dispatch_parallel([{"task_type": "simulate", "params": run} for run in runs], aggregate_into="table")


@sweep.aggregator_for("table")
def table(
    aggregation_results: dict[str, dict[str, Any]], state_history: dict[str, Any], actions: ActionFactory
) -> None:
    """What came back, in the order of the parameters."""
    rows = [result["params"] | result["data"] for result in aggregation_results.values()]
    state_history["done"] = {"rows": sorted(rows, key=lambda row: (row["regrowth"], row["seed"]))}
    actions.transition_to("done")


@sweep.handler_for("done", is_end=True)
def done() -> None:
    """The job's result is what stands in `state_history` under this state's name."""
