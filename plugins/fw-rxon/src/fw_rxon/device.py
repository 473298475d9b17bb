"""A piece of hardware of a worker."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class Device(Record, frozen=True, kw_only=True):
    """A device, such as a GPU; `properties` do not change, `metrics` do."""

    type: str
    model: str | None = None
    id: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
