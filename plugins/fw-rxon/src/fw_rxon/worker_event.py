"""W5, worker to orchestrator: progress, or an event of the skill's own."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class WorkerEvent(Record, frozen=True, kw_only=True):
    """`event_type` `progress` carries `{"progress": number, "message": text}` as payload."""

    event_id: str
    worker_id: str
    origin_worker_id: str
    event_type: str
    payload: dict[str, Any]
    origin_task_id: str | None = None
    target_job_id: str | None = None
    target_task_id: str | None = None
    bubbling_chain: tuple[str, ...] = ()
    trace_context: dict[str, str] = field(default_factory=dict)
    priority: int | float = 0
    timestamp: int | None = None
    security: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
