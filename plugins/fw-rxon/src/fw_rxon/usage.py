"""How loaded a worker's machine is."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class DeviceUsage(Record, frozen=True, kw_only=True):
    """Load of one device, 0 to 100."""

    unit_id: str
    load_percent: int | float = 0
    metrics: dict[str, Any] = field(default_factory=dict)


class Usage(Record, frozen=True, kw_only=True):
    """Load of the machine: processor in percent, memory in gigabytes; None means not measured."""

    cpu_load_percent: int | float | None = None
    ram_used_gb: int | float | None = None
    devices_usage: tuple[DeviceUsage, ...] = ()
