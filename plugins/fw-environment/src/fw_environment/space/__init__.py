"""Who is near, in a box, in the way of a ray: indexes of places and of things."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.space.errors import InvalidPlaces, ItemTwice, SpaceFault, UnknownItem
    from fw_environment.space.objects import ObjectIndex
    from fw_environment.space.points import PointIndex

__all__ = [
    "InvalidPlaces",
    "ItemTwice",
    "ObjectIndex",
    "PointIndex",
    "SpaceFault",
    "UnknownItem",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "errors": ("InvalidPlaces", "ItemTwice", "SpaceFault", "UnknownItem"),
    "objects": ("ObjectIndex",),
    "points": ("PointIndex",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
