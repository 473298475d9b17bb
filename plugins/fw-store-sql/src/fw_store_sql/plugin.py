"""The hooks of `store-sql`."""

from __future__ import annotations

from framework import App, hookimpl


class SqlStorePlugin:
    """Provides the job store and opens it before anything that uses it starts."""

    @hookimpl
    def register(self, app: App) -> None:
        from fw_orchestrator.store import JobStore
        from fw_store_sql.component import SqlStoreComponent, make_store

        app.provide(JobStore, make_store)
        app.register(SqlStoreComponent)


plugin = SqlStorePlugin()
