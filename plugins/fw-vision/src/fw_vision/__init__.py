"""Seeing a screen: capture, changes, templates, colours and text. Imports no library before it is used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_vision.capture import ScreenCapturer
    from fw_vision.changes import Difference, difference
    from fw_vision.color import Blob, find_color
    from fw_vision.frame import Frame
    from fw_vision.ocr import OCRModule, lines
    from fw_vision.rapid import RapidReader
    from fw_vision.region import Region
    from fw_vision.screen import FakeScreen, MssScreen, Screen
    from fw_vision.template import Match, Template, find_template
    from fw_vision.tesseract import TesseractLibrary, TesseractProgram
    from fw_vision.text import FakeReader, TextBox, TextReader

__all__ = [
    "Blob",
    "Difference",
    "FakeReader",
    "FakeScreen",
    "Frame",
    "Match",
    "MssScreen",
    "OCRModule",
    "RapidReader",
    "Region",
    "Screen",
    "ScreenCapturer",
    "Template",
    "TesseractLibrary",
    "TesseractProgram",
    "TextBox",
    "TextReader",
    "difference",
    "find_color",
    "find_template",
    "lines",
]

_PLACES = {
    "capture": ("ScreenCapturer",),
    "changes": ("Difference", "difference"),
    "color": ("Blob", "find_color"),
    "frame": ("Frame",),
    "ocr": ("OCRModule", "lines"),
    "rapid": ("RapidReader",),
    "region": ("Region",),
    "screen": ("FakeScreen", "MssScreen", "Screen"),
    "template": ("Match", "Template", "find_template"),
    "tesseract": ("TesseractLibrary", "TesseractProgram"),
    "text": ("FakeReader", "TextBox", "TextReader"),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
