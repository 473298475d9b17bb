"""The hooks of `orchestrator`."""

from __future__ import annotations

from framework import App, hookimpl


class OrchestratorPlugin:
    """Runs the engine on the job store that is provided, and serves its two APIs through `http`."""

    @hookimpl
    def register(self, app: App) -> None:
        from fw_orchestrator.engine import Engine
        from fw_orchestrator.memory import MemoryStorage
        from fw_orchestrator.service import Service, send_pollers_away
        from fw_orchestrator.store import JobStore

        app.provide(JobStore, MemoryStorage, default=True)
        app.register(Engine)
        app.register(Service)
        app.on_stop(send_pollers_away)


plugin = OrchestratorPlugin()
