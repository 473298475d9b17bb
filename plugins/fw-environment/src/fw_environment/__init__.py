"""Worlds of entities: controllers, fixed steps, snapshots, replay, array systems, headless runs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.errors import EnvironmentFault

__all__ = ["EnvironmentFault"]

_PLACES: dict[str, tuple[str, ...]] = {
    "errors": ("EnvironmentFault",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
