"""`JobContext`: what a handler may know about its job. Its members are injected into handlers by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from fw_orchestrator.actions import ActionFactory

__all__ = ["ActionFactory", "JobContext"]


@dataclass
class JobContext:
    """The job as its handler sees it.

    ``state_history`` may be changed: what stands in it when the handler returns is kept. ``aggregation_results``, in an
    aggregator, maps task ids to ``{"status", "data", "error", "params"}``, in the order in which the tasks were given.
    ``data_stores`` has the blueprint's data stores as attributes. ``metadata`` was given with the job.
    """

    job_id: str
    current_state: str
    initial_data: dict[str, Any]
    state_history: dict[str, Any]
    aggregation_results: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: ActionFactory = field(default_factory=ActionFactory)
    data_stores: SimpleNamespace = field(default_factory=SimpleNamespace)
    metadata: dict[str, Any] = field(default_factory=dict)
