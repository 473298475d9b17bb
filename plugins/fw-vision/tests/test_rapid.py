"""rapidocr reads with models that are there, and says at the start which is not."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import rapidocr
from numpy.typing import NDArray

from fw_vision import Frame, OCRModule, RapidReader, Region, lines
from fw_vision.errors import MissingModel, ReadingFailed, UnknownLanguage

MODELS = Path(rapidocr.__file__).with_name("models")


def written(*words: tuple[str, int, int], width: int = 520, height: int = 200) -> NDArray[np.uint8]:
    """Words with the left end of their base line."""
    paper = np.full((height, width, 4), 255, np.uint8)
    for text, x, y in words:
        cv2.putText(paper, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0, 255), 2, cv2.LINE_AA)
    return paper


async def test_nothing_is_loaded_from_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*anything: object) -> None:
        raise AssertionError("somebody speaks to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    async with OCRModule(RapidReader(["eng", "deu"])) as ocr:
        assert [word.text for word in await ocr.read(Frame(written(("Hello", 20, 60))))] == ["Hello"]


async def test_what_stands_side_by_side_is_one_line_and_each_word_has_its_place() -> None:
    places = [("Name", 10, 50), ("Price", 350, 53), ("Apple", 10, 150), ("12", 350, 147)]
    async with OCRModule(RapidReader()) as ocr:
        words = await ocr.read(Frame(written(*places), Region(100, 100, 520, 200)), "sparse")
        as_line = await ocr.read(Frame(written(*places[:2])), "line")
    assert [line.text for line in lines(words)] == ["Name Price", "Apple 12"]
    for word, (text, x, y) in zip(words, places, strict=True):
        assert word.text == text
        assert abs(word.region.left - 100 - x) < 15
        assert word.region.top < 100 + y < word.region.bottom
    assert [(word.text, word.line) for word in as_line] == [("Name", 0), ("Price", 0)]


def test_a_missing_model_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    before = threading.active_count()
    reader = RapidReader(["rus", "eng"], folder=str(tmp_path))
    with pytest.raises(
        MissingModel, match=r"(?s)eslav_PP-OCRv5_rec_mobile\.onnx is missing.*vision\.ocr_models"
    ) as caught:
        reader.open()
    assert caught.value.folders == (tmp_path, MODELS)
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == before


def test_a_model_of_the_folder_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "eslav_PP-OCRv5_rec_mobile.onnx"
    file.write_bytes(b"no model")
    with pytest.raises(MissingModel, match="cannot be used"):
        RapidReader(["rus"], folder=str(tmp_path)).open()
    shutil.copy(MODELS / "PP-OCRv6_rec_small.onnx", file)  # it takes the file for what its name says
    reader = RapidReader(["rus"], folder=str(tmp_path))
    reader.open()
    gray = Frame(written(("Hello", 20, 60))).gray
    assert [word.text for word in reader.read(gray, "auto")] == ["Hello"]
    reader.close()
    reader.close()


@pytest.mark.parametrize("languages, told", [(["engl"], "Did you mean 'eng'"), (["rus", "ell"], "'rus \\+ ell'")])
def test_languages_that_no_model_reads_are_refused(languages: list[str], told: str) -> None:
    with pytest.raises(UnknownLanguage, match=told):
        RapidReader(languages).open()


def test_a_reading_that_takes_too_long_is_ended_and_the_next_one_is_not() -> None:
    reader = RapidReader(timeout=0.001)
    reader.open()
    with pytest.raises(ReadingFailed, match=r"(?s)over 0\.001 s.*vision\.ocr_timeout"):
        reader.read(np.full((1500, 1500), 255, np.uint8), "auto")
    reader._timeout = 20.0
    assert [word.text for word in reader.read(Frame(written(("Hello", 20, 60))).gray, "line")] == ["Hello"]
    reader.close()


@pytest.mark.parametrize("missing", ["rapidocr", "onnxruntime"])
def test_without_it_the_error_says_what_to_install(missing: str) -> None:
    program = (
        "import sys, fw_vision\n"
        f"sys.modules['{missing}'] = None\n"
        "try: fw_vision.RapidReader().open()\n"
        "except fw_vision.errors.NoReader as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert "pip install 'fw-vision[rapidocr]'" in done.stdout
