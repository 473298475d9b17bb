"""Durable job store on SQLite for the fw orchestrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_store_sql.config import SqlStoreSettings
    from fw_store_sql.storage import SQLStorage

__all__ = ["SQLStorage", "SqlStoreSettings"]

_HOMES = {"SQLStorage": "storage", "SqlStoreSettings": "config"}


def __getattr__(name: str) -> Any:
    """Import SQLAlchemy only when the store is used."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'fw_store_sql' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"fw_store_sql.{home}"), name)
