"""`reader`: which of the text readers is to be used."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fw_vision.config import VisionSettings
from fw_vision.errors import NoReader
from fw_vision.tesseract import TESSERACT, TesseractLibrary, TesseractProgram

if TYPE_CHECKING:
    from fw_vision.text import TextReader


def reader(settings: VisionSettings | None = None) -> TextReader:
    """The reader that the settings name; `auto` takes the first that is installed. Raises `NoReader`."""
    from fw_vision.rapid import RapidReader

    chosen = settings or VisionSettings()
    languages, timeout = chosen.languages, chosen.ocr_timeout
    kind = _first() if chosen.ocr == "auto" else chosen.ocr
    if kind == "tesserocr":
        return TesseractLibrary(languages, timeout)
    if kind == "tesseract":
        return TesseractProgram(languages, timeout)
    return RapidReader(languages, timeout, chosen.ocr_models)


def _first() -> str:
    if find_spec("tesserocr") is not None:
        return "tesserocr"
    if shutil.which("tesseract") is not None:
        return "tesseract"
    if find_spec("rapidocr") is not None:
        return "rapidocr"
    raise NoReader("auto", f"{TESSERACT} Or: pip install 'fw-vision[rapidocr]'.")
