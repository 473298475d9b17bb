"""dependency-injector's ``containers`` and ``providers``, imported without the web frameworks that its wiring probes.

``dependency_injector.containers`` imports ``dependency_injector.wiring``, which imports FastAPI, Starlette, Werkzeug
and fast_depends wherever they are installed. Nothing of that is needed before somebody wires; so it happens then.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

WIRING = "dependency_injector.wiring"


def _wire(*arguments: Any, **named: Any) -> Any:
    return import_module(WIRING).wire(*arguments, **named)


def _unwire(*arguments: Any, **named: Any) -> Any:
    return import_module(WIRING).unwire(*arguments, **named)


def _import_without_wiring() -> None:
    """Let a module of two functions stand in for the wiring while ``containers`` takes them from it."""
    if WIRING in sys.modules:
        return  # somebody else has paid for it
    stand_in = ModuleType(WIRING)
    stand_in.__dict__.update(wire=_wire, unwire=_unwire)
    sys.modules[WIRING] = stand_in
    try:
        import_module("dependency_injector.containers")
    finally:
        if sys.modules.get(WIRING) is stand_in:
            del sys.modules[WIRING]


_import_without_wiring()

from dependency_injector import containers, providers  # noqa: E402 - not before the lines above

__all__ = ["containers", "providers"]
