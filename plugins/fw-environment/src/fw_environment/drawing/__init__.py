"""Cameras, draw lists and what draws them: numpy alone, pygame, OpenCV or Qt."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.drawing.array_renderer import ArrayRenderer
    from fw_environment.drawing.camera import Camera
    from fw_environment.drawing.commands import Circle, Colour, Command, Dots, Line, Polygon, Rect, Sprite, Text
    from fw_environment.drawing.draw_list import DrawList
    from fw_environment.drawing.errors import DrawingFault, InvalidImage, UnknownImage
    from fw_environment.drawing.film import Film, save
    from fw_environment.drawing.opencv_renderer import OpenCVRenderer
    from fw_environment.drawing.pygame_renderer import PygameRenderer
    from fw_environment.drawing.qt_renderer import QtRenderer
    from fw_environment.drawing.renderer import Frame, Renderer
    from fw_environment.drawing.view import View

__all__ = [
    "ArrayRenderer",
    "Camera",
    "Circle",
    "Colour",
    "Command",
    "Dots",
    "DrawList",
    "DrawingFault",
    "Film",
    "Frame",
    "InvalidImage",
    "Line",
    "OpenCVRenderer",
    "Polygon",
    "PygameRenderer",
    "QtRenderer",
    "Rect",
    "Renderer",
    "Sprite",
    "Text",
    "UnknownImage",
    "View",
    "save",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "array_renderer": ("ArrayRenderer",),
    "camera": ("Camera",),
    "commands": ("Circle", "Colour", "Command", "Dots", "Line", "Polygon", "Rect", "Sprite", "Text"),
    "draw_list": ("DrawList",),
    "errors": ("DrawingFault", "InvalidImage", "UnknownImage"),
    "film": ("Film", "save"),
    "opencv_renderer": ("OpenCVRenderer",),
    "pygame_renderer": ("PygameRenderer",),
    "qt_renderer": ("QtRenderer",),
    "renderer": ("Frame", "Renderer"),
    "view": ("View",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
