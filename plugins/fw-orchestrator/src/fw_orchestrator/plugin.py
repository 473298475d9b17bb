"""The hooks of `orchestrator`."""

from __future__ import annotations

from framework import App, hookimpl


class OrchestratorPlugin:
    """Runs the engine on the job store that is provided, and serves its two APIs through `http`."""

    @hookimpl
    def register(self, app: App) -> None:
        from fw_orchestrator.desk import Desk, reception
        from fw_orchestrator.engine import Engine
        from fw_orchestrator.memory import MemoryStorage
        from fw_orchestrator.service import Service, send_pollers_away
        from fw_orchestrator.store import JobStore
        from fw_orchestrator.surroundings import Surroundings, real_surroundings
        from fw_rxon import Reception

        app.provide(JobStore, MemoryStorage, default=True)
        app.provide(Surroundings, real_surroundings, default=True)
        app.register(Engine)
        app.provide(Desk, Desk)
        app.provide(Reception, reception)
        app.register(Service)
        app.on_stop(send_pollers_away)


plugin = OrchestratorPlugin()
