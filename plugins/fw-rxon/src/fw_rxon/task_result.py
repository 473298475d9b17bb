"""W4, worker to orchestrator: what became of a task."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record
from fw_rxon.status import TaskStatus
from fw_rxon.task_error import TaskError
from fw_rxon.task_message import FileMetadata


class TaskResult(Record, frozen=True, kw_only=True):
    """The outcome of one task. An absent `status` means success; any word of one's own selects a transition.

    `worker_id` absent: the authenticated worker. `origin_worker_id`: the one that really ran the task.
    `costs` holds numbers, always `execution_time_seconds` from our workers.
    """

    job_id: str
    task_id: str
    worker_id: str | None = None
    origin_worker_id: str | None = None
    status: str = TaskStatus.SUCCESS
    data: dict[str, Any] = field(default_factory=dict)
    error: TaskError | None = None
    data_metadata: dict[str, FileMetadata] = field(default_factory=dict)
    costs: dict[str, int | float] = field(default_factory=dict)
    timestamp: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    security: dict[str, Any] | None = None
