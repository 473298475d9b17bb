"""`TextBox`, and the port `TextReader`: what finds text in a picture; and a fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from fw_vision.region import Region

if TYPE_CHECKING:
    from fw_vision.frame import Pixels

Layout = Literal["auto", "block", "line", "word", "sparse"]
"""What a picture holds: a page, one block, one line, one word, or words here and there."""


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
        """Get ready. Raises `NoReader`, `MissingLanguage`, `MissingModel` or `UnknownLanguage`."""

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """The words of a picture (height, width), in reading order, in its own pixels. Raises `ReadingFailed`."""

    def close(self) -> None:
        """Let go; not opened or closed already is fine."""


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
