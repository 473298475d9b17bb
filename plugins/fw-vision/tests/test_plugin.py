"""The plugin opens what somebody asks for, checks it at the start and closes it at the end."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from framework import App, Component, ConfigError, StartupError
from fw_vision import OCRModule, Region, ScreenCapturer
from fw_vision.virtual_display import VirtualDisplay


def bot(**vision: Any) -> App:
    return App("bot", plugins=["vision"], defaults={"vision": vision})


async def test_an_application_that_looks_at_nothing_needs_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    async with bot(languages=["tlh"]) as app:
        assert (await app.health()).ready


@pytest.mark.needs("xvfb", "tesseract")
async def test_a_component_gets_eyes(display: VirtualDisplay) -> None:
    app = bot(display=display.name)

    @app.register
    class Watcher(Component):
        def __init__(self, capturer: ScreenCapturer, ocr: OCRModule) -> None:
            self.capturer = capturer
            self.ocr = ocr

        async def start(self) -> None:
            self.frame = await self.capturer.grab()
            self.words = await self.ocr.read(self.frame)

    async with app:
        watcher = app.container.get(Watcher)
        assert (watcher.frame.region, watcher.words) == (Region(0, 0, 640, 480), [])
    with pytest.raises(RuntimeError, match="not started"):
        await watcher.capturer.grab()


@pytest.mark.needs("tesseract")
async def test_a_language_pack_that_is_missing_keeps_the_application_from_starting() -> None:
    app = bot(languages=["eng", "tlh"])

    @app.register
    class Clerk(Component):
        def __init__(self, ocr: OCRModule) -> None:
            self.ocr = ocr

    with pytest.raises(StartupError, match="tesseract-ocr-tlh"):
        await app.start()


@pytest.mark.parametrize("setting, value", [("ocr_timeout", 0), ("ocr_cache", -1), ("languages", [])])
def test_a_setting_that_cannot_work_is_named(setting: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=setting):
        bot(**{setting: value}).bootstrap()


def test_importing_needs_no_display_and_none_of_the_libraries() -> None:
    code = (
        "import sys, fw_vision, fw_vision.plugin, fw_vision.capture, fw_vision.ocr, fw_vision.opening\n"
        "import fw_vision.rapid\n"
        "libraries = {'cv2', 'mss', 'numpy', 'onnxruntime', 'rapidocr', 'tesserocr'}\n"
        "print(sorted(libraries & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})
    assert done.stdout.strip() == "[]"
