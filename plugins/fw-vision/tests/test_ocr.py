"""Text is read with its place, by the program and by the library, and remembered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from fw_vision import (
    FakeReader,
    Frame,
    OCRModule,
    RapidReader,
    Region,
    TesseractLibrary,
    TesseractProgram,
    TextBox,
    TextReader,
    lines,
    readers,
)
from fw_vision.config import VisionSettings
from fw_vision.errors import MissingLanguage, NoReader, ReadingFailed
from fw_vision.readers import reader


def page(*texts: str, dark: bool = True) -> Frame:
    """Lines of 30 pixels at x = 20, y = 60 and so on."""
    pixels = np.full((70 * len(texts) + 30, 520, 4), 255 if dark else 0, np.uint8)
    for number, text in enumerate(texts):
        shade = 0 if dark else 255
        place = (20, 60 + 70 * number)
        cv2.putText(pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.2, (shade, shade, shade, 255), 2, cv2.LINE_AA)
    return Frame(pixels, Region(1000, 2000, pixels.shape[1], pixels.shape[0]))


TESSERACT = [
    pytest.param(TesseractProgram, marks=pytest.mark.needs("tesseract")),
    pytest.param(TesseractLibrary, marks=pytest.mark.needs("tesseract")),
]
Kind = Callable[..., TextReader]
every_reader = pytest.mark.parametrize("kind", [*TESSERACT, RapidReader])


@every_reader
async def test_words_are_read_with_place_confidence_and_line(kind: Kind) -> None:
    async with OCRModule(kind()) as ocr:
        words = await ocr.read(page("Total 1234", "Open the door"), "block")
    assert [(word.text, word.line) for word in words] == [
        ("Total", 0), ("1234", 0), ("Open", 1), ("the", 1), ("door", 1),
    ]  # fmt: skip
    assert all(0.5 < word.confidence <= 1 for word in words)
    assert Region(1010, 2020, 110, 50).holds(words[0].region)
    assert [line.text for line in lines(words)] == ["Total 1234", "Open the door"]


@every_reader
async def test_small_light_letters_are_read_when_told_so(kind: Kind) -> None:
    large = page("Start game", dark=False)
    small = cv2.resize(large.pixels, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA).astype(np.uint8)
    async with OCRModule(kind()) as ocr:
        words = await ocr.read(Frame(small, Region(5, 5, *small.shape[1::-1])), "line", scale=3, invert=True)
    assert [word.text for word in words] == ["Start", "game"]
    assert Region(5, 5, *small.shape[1::-1]).holds(words[1].region)


@every_reader
async def test_an_empty_picture_holds_no_words(kind: Kind) -> None:
    async with OCRModule(kind()) as ocr:
        assert await ocr.read(Frame(np.full((50, 50, 4), 255, np.uint8))) == []


@pytest.mark.parametrize("kind", TESSERACT)
async def test_a_missing_language_pack_is_named_at_the_start(kind: Kind) -> None:
    before = threading.active_count()
    with pytest.raises(MissingLanguage, match=r"(?s)'tlh'.*eng.*apt-get install tesseract-ocr-tlh"):
        await OCRModule(kind(["eng", "tlh"])).start()
    assert threading.active_count() == before


async def test_a_picture_is_read_once_wherever_it_is() -> None:
    fake = FakeReader(lambda gray: [TextBox("hi", Region(1, 2, 3, 4), 0.9)])
    frame = page("hi")
    async with OCRModule(fake, cache=2) as ocr:
        first = await ocr.read(frame)
        again = await ocr.read(Frame(frame.pixels, Region(0, 0, *frame.pixels.shape[1::-1])))
        assert (first[0].region, again[0].region) == (Region(1001, 2002, 3, 4), Region(1, 2, 3, 4))
        assert (fake.pictures, ocr.remembered) == (1, 1)
        await ocr.read(frame, "line")
        await ocr.read(page("no"))
        await ocr.read(frame)  # the oldest of three was forgotten
        assert fake.pictures == 4


async def test_the_loop_goes_on_while_a_picture_is_read() -> None:
    reading, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(gray: object) -> list[TextBox]:
        loop.call_soon_threadsafe(reading.set)
        assert go_on.wait(30)
        return []

    async with OCRModule(FakeReader(slow)) as ocr:
        task = asyncio.create_task(ocr.read(page("hi")))
        await reading.wait()
        go_on.set()
        assert await task == []


async def test_without_a_cache_every_picture_is_read() -> None:
    fake = FakeReader(lambda gray: [])
    async with OCRModule(fake, cache=0) as ocr:
        assert [await ocr.read(page("hi")), await ocr.read(page("hi"))] == [[], []]
    assert fake.pictures == 2


def test_words_the_reader_is_not_sure_of_can_be_left_out() -> None:
    words = [
        TextBox("GO", Region(0, 0, 10, 10), 0.95),
        TextBox("~;", Region(12, 0, 4, 12), 0.2),
        TextBox("now", Region(20, 0, 9, 9), 0.8),
    ]
    assert lines(words, 0.5) == [TextBox("GO now", Region(0, 0, 29, 10), 0.8, 0)]


def test_without_tesseract_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoReader, match="apt-get install tesseract-ocr"):
        TesseractProgram().open()


@pytest.mark.needs("posix")
def test_a_program_that_fails_or_hangs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    gray = np.full((9, 9), 255, np.uint8)
    program.write_text("#!/bin/sh\necho 'no such mode' >&2; exit 3\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(ReadingFailed, match="no such mode"):
        TesseractProgram().read(gray, "line")
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    with pytest.raises(ReadingFailed, match=r"(?s)over 0\.2 s.*vision\.ocr_timeout"):
        TesseractProgram(timeout=0.2).read(gray, "line")


def test_the_settings_choose_the_reader_or_the_first_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(reader(), TesseractLibrary)
    assert isinstance(reader(VisionSettings(ocr="tesseract")), TesseractProgram)
    assert isinstance(reader(VisionSettings(ocr="rapidocr")), RapidReader)

    def without(*names: str) -> None:
        monkeypatch.setattr(readers, "find_spec", lambda name: None if name in names else find_spec(name))

    without("tesserocr")
    monkeypatch.setenv("PATH", "")
    assert isinstance(reader(), RapidReader)
    without("tesserocr", "rapidocr")
    with pytest.raises(NoReader, match=r"(?s)'auto'.*apt-get install tesseract-ocr.*fw-vision\[rapidocr\]"):
        reader()
