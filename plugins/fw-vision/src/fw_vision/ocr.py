"""`OCRModule`: reads text from frames."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import groupby
from typing import Self

from fw_vision.frame import Frame
from fw_vision.own_thread import OwnThread
from fw_vision.readers import reader
from fw_vision.region import Region
from fw_vision.text import Layout, TextBox, TextReader


class OCRModule:
    """Reads text in a thread of its own and remembers what it has read.

    Use with ``async with``, or `start` and `stop`.
    """

    def __init__(self, text_reader: TextReader | None = None, cache: int = 256) -> None:
        self._reader = text_reader
        self._size = cache
        self._known: OrderedDict[tuple[object, ...], list[TextBox]] = OrderedDict()
        self._thread = OwnThread("ocr", "OCRModule")
        self.remembered = 0
        """How many pictures did not have to be read again."""

    async def start(self) -> None:
        """Look for the reader and its language packs. Raises `NoReader`, `MissingLanguage`, `MissingModel`."""
        self._reader = self._reader or reader()
        await self._thread.start(self._reader.open, self._reader.close)

    async def stop(self) -> None:
        """Let the reader go, after what it is reading."""
        await self._thread.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def read(
        self, frame: Frame, layout: Layout = "auto", *, scale: float = 1.0, invert: bool = False
    ) -> list[TextBox]:
        """The words of a frame in reading order, with their places on the screen. Raises `ReadingFailed`.

        Readers want dark letters of some 30 pixels on a light ground: ``scale`` enlarges, ``invert`` turns light
        letters dark. A picture that was read before, in this way, wherever it was on the screen, is not read again.
        """
        return await self._thread.call(self._read, frame, layout, scale, invert)

    def _read(self, frame: Frame, layout: Layout, scale: float, invert: bool) -> list[TextBox]:
        import cv2

        assert self._reader is not None  # noqa: S101 - `start` sees to it, and nothing is called before
        key = (frame.digest, layout, scale, invert)
        if key in self._known:
            self._known.move_to_end(key)
            self.remembered += 1
            boxes = self._known[key]
        else:
            gray = frame.gray
            if invert:
                gray = 255 - gray
            if scale != 1.0:
                gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype("uint8")
            boxes = self._known[key] = [_scaled(box, scale) for box in self._reader.read(gray, layout)]
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        left, top = frame.region.left, frame.region.top
        return [TextBox(b.text, b.region.moved(left, top), b.confidence, b.line) for b in boxes]


def _scaled(box: TextBox, scale: float) -> TextBox:
    left, top = int(box.region.left / scale), int(box.region.top / scale)
    width, height = max(1, round(box.region.width / scale)), max(1, round(box.region.height / scale))
    return TextBox(box.text, Region(left, top, width, height), box.confidence, box.line)


def lines(boxes: Sequence[TextBox], least: float = 0.0) -> list[TextBox]:
    """Words put together into lines; those the reader is less sure of than ``least`` are left out.

    The confidence of a line is that of its worst word.
    """
    sure = [box for box in boxes if box.confidence >= least]
    found = []
    for number, group in groupby(sure, key=lambda box: box.line):
        words = list(group)
        left, top = min(w.region.left for w in words), min(w.region.top for w in words)
        right, bottom = max(w.region.right for w in words), max(w.region.bottom for w in words)
        region = Region(left, top, right - left, bottom - top)
        found.append(TextBox(" ".join(w.text for w in words), region, min(w.confidence for w in words), number))
    return found
