"""The hooks of `store-sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framework import App, hookimpl
from fw_store_sql.config import SqlStoreSettings

if TYPE_CHECKING:
    from fw_store_sql.storage import SQLStorage


class SqlStorePlugin:
    """Provides the job store; the orchestrator opens it when there is a blueprint to run, and closes it."""

    @hookimpl
    def register(self, app: App) -> None:
        from fw_orchestrator.store import JobStore

        app.provide(JobStore, make_store)


def make_store(settings: SqlStoreSettings) -> SQLStorage:
    """The store that the settings describe, not yet open. Raises :class:`~fw_orchestrator.store.StoreError`."""
    from fw_store_sql.storage import SQLStorage

    return SQLStorage(settings.url, busy_timeout=settings.busy_timeout)


plugin = SqlStorePlugin()
