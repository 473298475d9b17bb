"""W3, orchestrator to worker: one task."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class FileMetadata(Record, frozen=True, kw_only=True):
    """A file that stands for a value and lies in object storage; `size` in bytes."""

    uri: str
    size: int | None = None
    etag: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


class TaskMessage(Record, frozen=True, kw_only=True):
    """What a poll gives. `type` is the skill's name.

    Senders give `params` always, be it `{}`: without it public workers hand `null` to the skill.
    `timestamp` and `deadline` are integral Unix seconds: a fraction stops public workers for ever.
    """

    job_id: str
    task_id: str
    type: str
    params: dict[str, Any] | None = None
    priority: int | float = 0
    timestamp: int | None = None
    deadline: int | None = None
    tracing_context: dict[str, str] = field(default_factory=dict)
    params_metadata: dict[str, FileMetadata] = field(default_factory=dict)
    security: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] | None = None
    sig: str | None = None
    step: int = 0
    depth: int = 0
    parent_hash: str | None = None
