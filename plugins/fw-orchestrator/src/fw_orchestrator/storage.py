"""The stores that an engine can keep its jobs in: ``MemoryStorage``, and ``SQLStorage`` of fw-store-sql."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fw_orchestrator.memory import MemoryStorage

__all__ = ["MemoryStorage", "SQLStorage"]  # noqa: F822 (SQLStorage comes from __getattr__)


def __getattr__(name: str) -> Any:
    if name != "SQLStorage":
        raise AttributeError(f"module 'fw_orchestrator.storage' has no attribute {name!r}")
    try:
        return import_module("fw_store_sql").SQLStorage
    except ModuleNotFoundError as error:
        raise ImportError("SQLStorage is in another package. Install it: pip install fw-store-sql") from error
