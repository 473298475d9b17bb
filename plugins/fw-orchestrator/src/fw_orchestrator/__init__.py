"""State-machine orchestrator: blueprints run by an engine, tasks done by pull-workers.

Everything public is imported when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.context import ActionFactory, JobContext
    from fw_orchestrator.environment_config import Config
    from fw_orchestrator.memory import MemoryStorage
    from fw_orchestrator.orchestrator_engine import OrchestratorEngine
    from fw_orchestrator.store import JobStore
    from fw_orchestrator.surroundings import Surroundings

__all__ = [
    "ActionFactory",
    "Config",
    "JobContext",
    "JobStore",
    "MemoryStorage",
    "OrchestratorEngine",
    "StateMachineBlueprint",
    "Surroundings",
]

_HOMES = {
    "ActionFactory": "context",
    "Config": "environment_config",
    "JobContext": "context",
    "JobStore": "store",
    "MemoryStorage": "memory",
    "OrchestratorEngine": "orchestrator_engine",
    "StateMachineBlueprint": "blueprint",
    "Surroundings": "surroundings",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'fw_orchestrator' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"fw_orchestrator.{home}"), name)
