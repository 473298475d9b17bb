"""What seeing costs: capture, search for a template, and reading, each beside the library below it or a peer.

It needs Xvfb and tesseract; pytesseract is no dependency of this project, and is compared with if it is there:

    uv run --isolated --no-project --with-editable ./kernel \
        --with-editable './plugins/fw-vision[rapidocr,tesserocr]' --with pytesseract \
        python tests/benchmarks/bench_vision.py
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import cv2
import mss
import numpy as np

from fw_vision import (
    Frame,
    MssScreen,
    OCRModule,
    RapidReader,
    Region,
    ScreenCapturer,
    Template,
    TesseractLibrary,
    TesseractProgram,
    find_template,
)
from fw_vision.virtual_display import VirtualDisplay

ROUNDS = 7
REGION = Region(400, 200, 320, 240)


def milliseconds(call: Callable[[], Any], times: int) -> float:
    """Of one call, as the clock on the wall has it: most of it is done by others."""
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) / times * 1e3


def compare(title: str, cases: dict[str, Callable[[], Any]], times: int) -> None:
    """The medians, turn by turn, and the ratio to the last case."""
    turns = [{name: milliseconds(call, times) for name, call in cases.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(turn[name] for turn in turns) for name in cases}
    base = medians[list(cases)[-1]]
    print(f"\n{title}")
    for name, median in medians.items():
        print(f"  {name:<34} {median:9.2f} ms   x {base / median:6.2f}")


def capture(display: str, loop: asyncio.AbstractEventLoop) -> None:
    capturer = ScreenCapturer(MssScreen(display))
    loop.run_until_complete(capturer.start())
    with mss.MSS(display=display) as plain:
        box = {"left": 0, "top": 0, "width": 1280, "height": 720}
        compare(
            "capture, 1280 x 720 (x: as fast as mss alone)",
            {
                "ScreenCapturer, 320 x 240": lambda: loop.run_until_complete(capturer.grab(REGION)),
                "ScreenCapturer": lambda: loop.run_until_complete(capturer.grab()),
                "mss and numpy": lambda: np.frombuffer(plain.grab(box).raw, np.uint8).reshape(720, 1280, 4),
            },
            20,
        )
    loop.run_until_complete(capturer.stop())


def search() -> None:
    rough = np.random.default_rng(5).integers(0, 255, (90, 160, 4), np.uint8)
    pixels = np.asarray(cv2.resize(rough, (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8)
    place = Region(811, 423, 64, 64)
    template = Template.from_frame(Frame(pixels).crop(place))

    def pyramid() -> None:
        [match] = find_template(Frame(pixels), template, limit=1)
        assert match.region == place

    def plain() -> None:
        scores = cv2.matchTemplate(Frame(pixels).gray, template.gray, cv2.TM_CCOEFF_NORMED)
        assert cv2.minMaxLoc(scores)[3] == (place.left, place.top)

    def colour() -> None:
        scores = cv2.matchTemplate(Frame(pixels).bgr, Frame(pixels).crop(place).bgr, cv2.TM_CCOEFF_NORMED)
        assert cv2.minMaxLoc(scores)[3] == (place.left, place.top)

    cases = {"find_template": pyramid, "cv2, grey": plain, "cv2, colour": colour}
    compare("a template of 64 x 64 in 1280 x 720 (x: as fast as cv2, colour)", cases, 2)


def reading(loop: asyncio.AbstractEventLoop) -> None:
    paper = np.full((120, 640, 4), 255, np.uint8)
    cv2.putText(paper, "Total 1234.56 OK", (30, 75), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0, 255), 3, cv2.LINE_AA)
    readers = {
        "OCRModule, tesserocr": OCRModule(TesseractLibrary(), cache=0),
        "OCRModule, program": OCRModule(TesseractProgram(), cache=0),
        "OCRModule, rapidocr": OCRModule(RapidReader(), cache=0),
        "OCRModule, seen before": OCRModule(TesseractLibrary()),
    }
    cases: dict[str, Callable[[], Any]] = {}
    for name, module in readers.items():
        loop.run_until_complete(module.start())

        def read(module: OCRModule = module) -> None:
            words = loop.run_until_complete(module.read(Frame(paper), "line"))
            assert [word.text for word in words] == ["Total", "1234.56", "OK"]

        cases[name] = read
    with suppress(ImportError):
        pytesseract = import_module("pytesseract")
        cases["pytesseract, with boxes"] = lambda: pytesseract.image_to_data(Frame(paper).rgb, config="--psm 7")
    compare("one line of text (x: as fast as the last)", cases, 2)
    for module in readers.values():
        loop.run_until_complete(module.stop())


def test_vision() -> None:
    loop = asyncio.new_event_loop()
    with VirtualDisplay(1280, 720) as display:
        capture(display.name, loop)
    search()
    reading(loop)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


if __name__ == "__main__":
    test_vision()
