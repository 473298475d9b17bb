"""A file or model a worker has installed."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class Artifact(Record, frozen=True, kw_only=True):
    """An installed artifact, such as a model."""

    name: str
    version: str = "unknown"
    type: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
