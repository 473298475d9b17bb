"""Tests for fw applications and plugins: the harness, virtual time, neighbours, and components that tests need.

The conformance kit is :mod:`fw_testing.conformance`. Names are loaded when they are first used: pytest imports this
package in every run, whatever the tests are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_testing.components import REQUIREMENTS, Inventory, UnknownComponent
    from fw_testing.harness import EventRecorder, app_with
    from fw_testing.neighbour import Neighbour
    from fw_testing.requirement import Found, Requirement, on_path
    from fw_testing.virtual_time import VirtualTime

__all__ = [
    "REQUIREMENTS",
    "EventRecorder",
    "Found",
    "Inventory",
    "Neighbour",
    "Requirement",
    "UnknownComponent",
    "VirtualTime",
    "app_with",
    "on_path",
]

_HOMES = {
    "REQUIREMENTS": "components",
    "EventRecorder": "harness",
    "Found": "requirement",
    "Inventory": "components",
    "Neighbour": "neighbour",
    "Requirement": "requirement",
    "UnknownComponent": "components",
    "VirtualTime": "virtual_time",
    "app_with": "harness",
    "on_path": "requirement",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
