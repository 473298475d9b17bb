"""What an orchestrator says to a worker through its WebSocket."""

from typing import Any, Final

from msgspec import field

from fw_rxon.record import Record

CANCEL_TASK: Final = "cancel_task"


class Command(Record, frozen=True, kw_only=True):
    """An order. `cancel_task` is the protocol's own; others are between an orchestrator and its workers."""

    command: str
    task_id: str | None = None
    job_id: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
