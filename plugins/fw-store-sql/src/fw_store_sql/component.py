"""`SqlStoreComponent`: ties the store to the life of the application."""

from __future__ import annotations

from framework import Component
from fw_orchestrator.store import JobStore
from fw_store_sql.config import SqlStoreSettings
from fw_store_sql.storage import SQLStorage


def make_store(settings: SqlStoreSettings) -> SQLStorage:
    """The store that the settings describe, not yet open. Raises :class:`~fw_orchestrator.store.StoreError`."""
    return SQLStorage(settings.url, busy_timeout=settings.busy_timeout)


class SqlStoreComponent(Component):
    """Opens the store before its users start, closes it after they have stopped."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    async def start(self) -> None:
        """Open the store."""
        await self._store.open()

    async def stop(self) -> None:
        """Close the store."""
        await self._store.close()
