"""Where a worker runs and on what terms."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class Capabilities(Record, frozen=True, kw_only=True):
    """`cost_per_skill` maps skill names to prices; `extra` holds `websockets: bool` and whatever operators add."""

    hostname: str = "unknown"
    ip_address: str = "0.0.0.0"  # noqa: S104 (the protocol's word for "not known", nothing binds to it)
    cost_per_skill: dict[str, int | float] = field(default_factory=dict)
    s3_config_hash: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
