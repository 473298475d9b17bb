"""What goes wrong while looking, as classes with data."""

from collections.abc import Iterable
from pathlib import Path

from framework import FrameworkError
from framework.errors import did_you_mean


class VisionError(FrameworkError):
    """Base class of everything that this package raises."""


class NoScreen(VisionError):
    """There is no screen to look at; `display` is the one that was asked for, '' for that of the session."""

    def __init__(self, display: str, reason: object) -> None:
        self.display = display
        which = f"display {display!r}" if display else "the screen of this session"
        super().__init__(
            f"{which} cannot be captured: {reason}",
            remedy="Set DISPLAY or vision.display to a running X server; without one, start Xvfb "
            "(fw_vision.virtual_display.VirtualDisplay does).",
        )


class OutsideScreen(VisionError, ValueError):
    """A region that the picture does not hold."""

    def __init__(self, region: object, whole: object) -> None:
        self.region = region
        self.whole = whole
        super().__init__(f"{region} is not inside {whole}.", remedy="Ask for a region of the screen or frame.")


class NoReader(VisionError):
    """Nothing is installed that reads text; `wanted` is the value of `vision.ocr`."""

    def __init__(self, wanted: str, remedy: str) -> None:
        self.wanted = wanted
        super().__init__(f"There is nothing to read text with (vision.ocr = {wanted!r}).", remedy=remedy)


class MissingLanguage(VisionError):
    """A language pack that is not installed; `language` is the first one, `installed` what is there."""

    def __init__(self, language: str, installed: Iterable[str]) -> None:
        self.language = language
        self.installed = tuple(sorted(installed))
        super().__init__(
            f"Tesseract has no language pack {language!r}; installed are: {', '.join(self.installed) or 'none'}.",
            remedy=f"On Debian: apt-get install tesseract-ocr-{language.replace('_', '-')}; "
            "or change vision.languages.",
        )


class UnknownLanguage(VisionError, ValueError):
    """A language, or several together, that `reader` cannot read."""

    def __init__(self, language: str, reader: str, known: Iterable[str]) -> None:
        self.language = language
        self.reader = reader
        near = did_you_mean(language, known)
        super().__init__(
            f"{reader} cannot read {language!r}.",
            remedy=near or "Change vision.languages, or read with tesseract (vision.ocr).",
        )


class MissingModel(VisionError):
    """A model of rapidocr that is in none of the `folders`, or cannot be used; `file` is its name."""

    def __init__(self, file: str, folders: Iterable[Path], problem: str = "is missing") -> None:
        self.file = file
        self.folders = tuple(folders)
        super().__init__(
            f"The model {file} {problem} (looked for in {', '.join(map(str, self.folders))}).",
            remedy="Nothing is loaded from the network: put the file, from the model list in rapidocr's documentation, "
            "into a folder, and name that in vision.ocr_models.",
        )


class ReadingFailed(VisionError):
    """The reader ended with an error or took too long."""

    def __init__(self, reader: str, reason: str, remedy: str = "") -> None:
        self.reader = reader
        super().__init__(f"{reader} read nothing: {reason}", remedy=remedy)


class BadTemplate(VisionError, ValueError):
    """A template that cannot be searched for."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"This template cannot be searched for: {problem}.", remedy=remedy)
