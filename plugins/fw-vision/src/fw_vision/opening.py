"""What the plugin provides, opened when somebody first asks for it and closed with the application."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework import App
from fw_vision.capture import ScreenCapturer
from fw_vision.config import VisionSettings
from fw_vision.ocr import OCRModule
from fw_vision.readers import reader
from fw_vision.screen import MssScreen


async def open_capturer(app: App) -> AsyncIterator[ScreenCapturer]:
    """A capturer of the display that is configured."""
    settings = app.config.load(VisionSettings, "vision")
    async with ScreenCapturer(MssScreen(settings.display)) as capturer:
        yield capturer


async def open_ocr(app: App) -> AsyncIterator[OCRModule]:
    """A reader with the languages that are configured."""
    settings = app.config.load(VisionSettings, "vision")
    async with OCRModule(reader(settings), settings.ocr_cache) as module:
        yield module
