"""What a worker has to work with."""

from typing import Any

from msgspec import field

from fw_rxon.device import Device
from fw_rxon.record import Record


class Resources(Record, frozen=True, kw_only=True):
    """Devices and free-form properties (`cpu_cores`, `ram_gb` ...)."""

    devices: tuple[Device, ...] = ()
    properties: dict[str, Any] = field(default_factory=dict)
