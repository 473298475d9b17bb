"""The port `TextReader` and those that use tesseract: its program, its library; and a fake."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from fw_vision.errors import MissingLanguage, NoReader, ReadingFailed
from fw_vision.region import Region

if TYPE_CHECKING:
    from fw_vision.frame import Pixels

Layout = Literal["auto", "block", "line", "word", "sparse"]
"""What a picture holds: a page, one block, one line, one word, or words here and there."""

_MODES: dict[str, int] = {"auto": 3, "block": 6, "line": 7, "word": 8, "sparse": 11}
_HINT = "On Debian: apt-get install tesseract-ocr; elsewhere see tesseract's own page. `[tesserocr]` reads faster."


@dataclass(frozen=True, slots=True)
class TextBox:
    """A word, where it stands, and how sure the reader is of it (0 to 1). Words with one ``line`` stand in one line."""

    text: str
    region: Region
    confidence: float
    line: int = 0


class TextReader(Protocol):
    """Called in one thread only, from `open` to `close`."""

    def open(self) -> None:
        """Get ready. Raises `NoReader` or `MissingLanguage`."""

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """The words of a picture (height, width), in reading order, in its own pixels. Raises `ReadingFailed`."""

    def close(self) -> None:
        """Let go; not opened or closed already is fine."""


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
        raise NoReader("tesseract", _HINT) from error
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
            raise NoReader("tesseract", _HINT) from error
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


class FakeReader:
    """Says what a function of yours says of a picture; counts the pictures. For tests."""

    def __init__(self, answer: Callable[[Pixels], list[TextBox]]) -> None:
        self._answer = answer
        self.pictures = 0

    def open(self) -> None:
        """Nothing to get ready."""

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """What the function says."""
        self.pictures += 1
        return self._answer(gray)

    def close(self) -> None:
        """Nothing to let go."""


def reader(
    kind: Literal["auto", "tesserocr", "tesseract"] = "auto", languages: Sequence[str] = ("eng",), timeout: float = 20.0
) -> TextReader:
    """The reader of that kind; `auto` takes tesserocr if it is installed, else the program. Raises `NoReader`."""
    from importlib.util import find_spec

    if kind == "tesserocr" or (kind == "auto" and find_spec("tesserocr") is not None):
        return TesseractLibrary(languages, timeout)
    if kind == "auto" and shutil.which("tesseract") is None:
        raise NoReader("auto", _HINT)
    return TesseractProgram(languages, timeout)
