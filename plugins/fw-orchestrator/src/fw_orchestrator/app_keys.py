"""The keys under which ``OrchestratorEngine.app`` has the parts of the engine."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from framework import App
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


def with_parts(app: App) -> web.Application:
    """A new aiohttp application that has the parts of the engine of ``app`` under their keys."""
    engine = app.container.get(Engine)
    found = web.Application()
    found[ENGINE_KEY] = found[EXECUTOR_KEY] = engine
    found[DISPATCHER_KEY] = app.container.get(Desk)
    found[WATCHER_KEY] = engine.sweeper
    found[STORAGE_KEY] = engine.store
    return found
