"""Rigid bodies in two dimensions, by pymunk: a system of a world, part of its state."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.physics.body import Body
    from fw_environment.physics.drawn import draw
    from fw_environment.physics.errors import BadBody
    from fw_environment.physics.physics import Physics
    from fw_environment.physics.shapes import box, circle, line, polygon
    from fw_environment.physics.stage import Hit

__all__ = [
    "BadBody",
    "Body",
    "Hit",
    "Physics",
    "box",
    "circle",
    "draw",
    "line",
    "polygon",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "body": ("Body",),
    "drawn": ("draw",),
    "errors": ("BadBody",),
    "physics": ("Physics",),
    "shapes": ("box", "circle", "line", "polygon"),
    "stage": ("Hit",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
