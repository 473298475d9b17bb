"""Readers that use tesseract: its program, and its library."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fw_vision.errors import MissingLanguage, NoReader, ReadingFailed
from fw_vision.region import Region
from fw_vision.text import Layout, TextBox

if TYPE_CHECKING:
    from fw_vision.frame import Pixels

_MODES: dict[str, int] = {"auto": 3, "block": 6, "line": 7, "word": 8, "sparse": 11}
TESSERACT = "On Debian: apt-get install tesseract-ocr; elsewhere see tesseract's own page. `[tesserocr]` reads faster."
"""How to get it."""


def _check(languages: Sequence[str], installed: Sequence[str]) -> None:
    for language in languages:
        if language not in installed:
            raise MissingLanguage(language, installed)


def packs(timeout: float = 20.0) -> tuple[str, list[str]]:
    """The folder of tesseract's language packs and the names of those in it, as its program says. Raises `NoReader`."""
    try:
        done = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=timeout, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoReader("tesseract", TESSERACT) from error
    head, *names = done.stdout.splitlines()
    return head.partition('"')[2].partition('"')[0], [name.strip() for name in names if name.strip()]


class TesseractProgram:
    """Runs `tesseract` once for each picture: slow to start, and nothing can go wrong inside this process."""

    def __init__(self, languages: Sequence[str] = ("eng",), timeout: float = 20.0) -> None:
        self.languages = tuple(languages)
        self._timeout = timeout

    def open(self) -> None:
        """See that program and language packs are there."""
        _check(self.languages, packs(self._timeout)[1])

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """One run of the program."""
        height, width = gray.shape
        command = ["tesseract", "stdin", "stdout", "-l", "+".join(self.languages), "--psm", str(_MODES[layout]), "tsv"]
        # More threads take longer wherever the cores have other things to do.
        environment = {"OMP_THREAD_LIMIT": "1", **os.environ}
        picture = b"P5 %d %d 255\n" % (width, height) + gray.tobytes()
        try:
            done = subprocess.run(
                command, input=picture, capture_output=True, timeout=self._timeout, check=True, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise ReadingFailed("tesseract", f"it took over {self._timeout} s", "Raise vision.ocr_timeout.") from error
        except subprocess.CalledProcessError as error:
            raise ReadingFailed("tesseract", error.stderr.decode(errors="replace").strip()) from error
        except OSError as error:
            raise NoReader("tesseract", TESSERACT) from error
        return list(_rows(done.stdout.decode("utf-8")))

    def close(self) -> None:
        """Nothing goes on between two pictures."""


def _rows(table: str) -> Iterator[TextBox]:
    lines: dict[tuple[str, ...], int] = {}
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] != "5" or not row["text"].strip():
            continue
        place = Region(int(row["left"]), int(row["top"]), int(row["width"]), int(row["height"]))
        line = lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), len(lines))
        yield TextBox(row["text"].strip(), place, float(row["conf"]) / 100, line)


class TesseractLibrary:
    """Tesseract inside this process (`pip install fw-vision[tesserocr]`); reads with the packs of its program."""

    def __init__(self, languages: Sequence[str] = ("eng",), timeout: float = 20.0, folder: str = "") -> None:
        self.languages = tuple(languages)
        self._timeout = timeout
        self._folder = folder
        self._api: Any = None

    def open(self) -> None:
        """Load the language packs, of ``folder`` or of where tesseract's program has them."""
        try:
            import tesserocr
        except ImportError as error:
            raise NoReader("tesserocr", "pip install 'fw-vision[tesserocr]'.") from error
        folder = self._folder or os.environ.get("TESSDATA_PREFIX", "") or packs(self._timeout)[0]
        _check(self.languages, tesserocr.get_languages(folder)[1])
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # read once, when the library first makes threads
        self._api = tesserocr.PyTessBaseAPI(path=folder, lang="+".join(self.languages))

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """The words that the library finds."""
        import tesserocr

        height, width = gray.shape
        self._api.SetPageSegMode(_MODES[layout])
        self._api.SetImageBytes(gray.tobytes(), width, height, 1, width)
        if not self._api.Recognize(int(self._timeout * 1000)):
            raise ReadingFailed("tesserocr", f"it took over {self._timeout} s", "Raise vision.ocr_timeout.")
        words, found = self._api.GetIterator(), []
        level: Any = tesserocr.RIL.WORD  # an ellipsis, to its stubs
        line = -1
        for word in tesserocr.iterate_level(words, level) if words is not None else ():
            line += word.IsAtBeginningOf(tesserocr.RIL.TEXTLINE)
            box = word.BoundingBox(level)
            if box is None or not (text := (word.GetUTF8Text(level) or "").strip()):
                continue
            place = Region(box[0], box[1], box[2] - box[0], box[3] - box[1])
            found.append(TextBox(text, place, word.Confidence(level) / 100, max(line, 0)))
        self._api.Clear()
        return found

    def close(self) -> None:
        """Free what the packs take."""
        if self._api is not None:
            self._api.End()
            self._api = None
