"""`OCRModule`: reads text from frames."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Self, TypeVar

from fw_vision.frame import Frame
from fw_vision.readers import Layout, TextBox, TextReader, reader
from fw_vision.region import Region

Result = TypeVar("Result")
_NOT_STARTED = "This OCRModule is not started: use `async with`, or await its start()."


class OCRModule:
    """Reads text in a thread of its own and remembers what it has read.

    Use with ``async with``, or `start` and `stop`.
    """

    def __init__(self, text_reader: TextReader | None = None, cache: int = 256) -> None:
        self._reader = text_reader
        self._size = cache
        self._known: OrderedDict[tuple[object, ...], list[TextBox]] = OrderedDict()
        self._thread: ThreadPoolExecutor | None = None
        self.remembered = 0
        """How many pictures did not have to be read again."""

    async def start(self) -> None:
        """Look for the reader and its language packs. Raises `NoReader`, `MissingLanguage`."""
        self._reader = self._reader or reader()
        self._thread = ThreadPoolExecutor(1, "ocr")
        try:
            await self._call(self._reader.open)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Let the reader go, after what it is reading."""
        thread, self._thread = self._thread, None
        if thread is not None and self._reader is not None:
            closing = asyncio.get_running_loop().run_in_executor(thread, self._reader.close)
            try:
                await closing
            except BaseException:
                thread.shutdown(wait=False)
                raise
            thread.shutdown()

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
        if self._reader is None:
            raise RuntimeError(_NOT_STARTED)
        return await self._call(self._read, self._reader, frame, layout, scale, invert)

    def _read(self, text_reader: TextReader, frame: Frame, layout: Layout, scale: float, invert: bool) -> list[TextBox]:
        import cv2

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
            boxes = self._known[key] = [_scaled(box, scale) for box in text_reader.read(gray, layout)]
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        left, top = frame.region.left, frame.region.top
        return [TextBox(b.text, b.region.moved(left, top), b.confidence, b.line) for b in boxes]

    async def _call(self, function: Callable[..., Result], *arguments: object) -> Result:
        if self._thread is None:
            raise RuntimeError(_NOT_STARTED)
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


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
