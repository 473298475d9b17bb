"""The keys under which ``OrchestratorEngine.app`` has the parts of the engine."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.store import JobStore
from fw_orchestrator.sweeper import Sweeper

__all__ = ["DISPATCHER_KEY", "ENGINE_KEY", "EXECUTOR_KEY", "STORAGE_KEY", "WATCHER_KEY"]

ENGINE_KEY: Final = web.AppKey("engine", Engine)
EXECUTOR_KEY: Final = web.AppKey("executor", Engine)
DISPATCHER_KEY: Final = web.AppKey("dispatcher", Desk)
WATCHER_KEY: Final = web.AppKey("watcher", Sweeper)
STORAGE_KEY: Final = web.AppKey("storage", JobStore)


def add_parts(application: web.Application, engine: Engine, desk: Desk) -> None:
    """Put the parts of an engine under their keys, unless they are there."""
    if ENGINE_KEY in application:
        return
    application[ENGINE_KEY] = application[EXECUTOR_KEY] = engine
    application[DISPATCHER_KEY] = desk
    application[WATCHER_KEY] = engine.sweeper
    application[STORAGE_KEY] = engine.store
