"""Metrics for fw: counters, gauges and histograms in the Prometheus text format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_observability.facade import Metrics
    from fw_observability.families import Counter, Gauge, Histogram

__all__ = ["Counter", "Gauge", "Histogram", "Metrics"]

_HOMES = {"Counter": "families", "Gauge": "families", "Histogram": "families", "Metrics": "facade"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
