"""Tests for fw applications and plugins: components that tests need, found and reported.

Names are loaded when they are first used: pytest imports this package in every run, whatever the tests are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_testing.components import REQUIREMENTS, Inventory, UnknownComponent
    from fw_testing.requirement import Found, Requirement, on_path

__all__ = ["REQUIREMENTS", "Found", "Inventory", "Requirement", "UnknownComponent", "on_path"]

_HOMES = {
    "REQUIREMENTS": "components",
    "Found": "requirement",
    "Inventory": "components",
    "Requirement": "requirement",
    "UnknownComponent": "components",
    "on_path": "requirement",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
