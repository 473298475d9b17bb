"""State-machine orchestrator: blueprints run by an engine, tasks done by pull-workers.

Everything public is imported when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.context import ActionFactory, JobContext
    from fw_orchestrator.memory import MemoryStorage
    from fw_orchestrator.store import JobStore

__all__ = ["ActionFactory", "JobContext", "JobStore", "MemoryStorage", "StateMachineBlueprint"]

_HOMES = {
    "ActionFactory": "context",
    "JobContext": "context",
    "JobStore": "store",
    "MemoryStorage": "memory",
    "StateMachineBlueprint": "blueprint",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'fw_orchestrator' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"fw_orchestrator.{home}"), name)
