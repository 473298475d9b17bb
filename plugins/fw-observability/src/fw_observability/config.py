"""The settings of section `[observability]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of a duration, unless told otherwise."""


@dataclass(frozen=True)
class ObservabilitySettings:
    """What is measured, and where it can be read."""

    enabled: bool = True
    path: str = "/metrics"
    prefix: str = ""
    http: bool = True
    http_status: Literal["code", "class"] = "code"
    messages: bool = True
    process: bool = True
    loop_lag: bool = True
    lag_interval: float = 1.0
    buckets: list[float] = field(default_factory=lambda: list(SECONDS))
    max_series: int = 1000

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"path must start with '/', not {self.path!r}")
        if not self.lag_interval > 0:
            raise ValueError(f"lag_interval must be greater than 0, not {self.lag_interval}")
        if self.max_series < 1:
            raise ValueError(f"max_series must be at least 1, not {self.max_series}")
        if not self.buckets or sorted(set(self.buckets)) != self.buckets:
            raise ValueError(f"buckets must rise, not {self.buckets}")
        if self.prefix and not self.prefix.isidentifier():
            raise ValueError(f"prefix must be letters, digits and underscores, not {self.prefix!r}")
