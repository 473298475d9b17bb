"""Drawing with OpenCV, for those who go on working with its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fw_environment.drawing.commands import Colour, Point
from fw_environment.drawing.draw_list import Image
from fw_environment.drawing.renderer import Frame, Points, Renderer, cover, opaque, squares
from fw_environment.extras import required

_BITS = 4
"""OpenCV takes places in sixteenths of a pixel."""


class OpenCVRenderer(Renderer):
    """Frames are red, green, blue as everywhere here, not in OpenCV's own order. Text has Latin letters only."""

    def __init__(self) -> None:
        self._cv2: Any = required("cv2", "opencv")
        self._pixels: Frame = np.zeros((1, 1, 3), dtype=np.uint8)

    def begin(self, size: tuple[int, int], background: Colour) -> None:
        """See Renderer."""
        if self._pixels.shape[:2] != (size[1], size[0]):
            self._pixels = np.empty((size[1], size[0], 3), dtype=np.uint8)
        self._pixels[:] = background[:3]

    def frame(self) -> Frame:
        """See Renderer."""
        return self._pixels.copy()

    def _drawn(self, colour: Colour, draw: Callable[[Frame], object]) -> None:
        """Calls `draw` with a picture; OpenCV's shapes alone do not blend."""
        if opaque(colour):
            draw(self._pixels)
            return
        above = self._pixels.copy()
        draw(above)
        share = cover(colour) / 255
        self._pixels = self._cv2.addWeighted(above, share, self._pixels, 1 - share, 0.0)

    def polygon(self, points: Points, colour: Colour) -> None:
        """See Renderer."""
        corners = _sixteenths(points)
        self._drawn(colour, lambda pixels: self._cv2.fillPoly(pixels, [corners], colour[:3], shift=_BITS))

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """See Renderer."""
        corners, thick = _sixteenths(points), max(round(width), 1)
        self._drawn(
            colour, lambda pixels: self._cv2.polylines(pixels, [corners], False, colour[:3], thick, shift=_BITS)
        )

    def circle(self, centre: Point, radius: float, colour: Colour, outline: float) -> None:
        """See Renderer."""
        x, y = _sixteenths(np.array(centre)).tolist()
        reach, thick = round(radius * 2**_BITS), max(round(outline), 1) if outline else -1
        self._drawn(colour, lambda pixels: self._cv2.circle(pixels, (x, y), reach, colour[:3], thick, shift=_BITS))

    def text(self, place: Point, text: str, colour: Colour, height: float) -> None:
        """See Renderer."""
        face = self._cv2.FONT_HERSHEY_SIMPLEX
        scale = height / 30  # a capital of this face is 21 high at scale 1, a line about 30
        bottom = (round(place[0]), round(place[1] + height * 0.8))
        self._drawn(colour, lambda pixels: self._cv2.putText(pixels, text, bottom, face, scale, colour[:3], 1))

    def image(self, pixels: Image, corner: Points, across: Points, down: Points) -> None:
        """See Renderer."""
        height, width = pixels.shape[:2]
        rows, columns = self._pixels.shape[:2]
        x, y = across / width, down / height
        # OpenCV counts from the middle of a pixel, so half a pixel is taken off there and added here.
        start = corner + (x + y) / 2 - 0.5
        matrix = np.array([[x[0], y[0], start[0]], [x[1], y[1], start[1]]])
        turned = self._cv2.warpAffine(pixels, matrix, (columns, rows), flags=self._cv2.INTER_NEAREST)
        share = turned[:, :, 3:].astype(np.uint16)
        mixed = (turned[:, :, :3] * share + self._pixels * (255 - share) + 127) // 255
        self._pixels = mixed.astype(np.uint8)

    def dots(self, places: Points, colour: Colour, width: int) -> None:
        """See Renderer."""
        rows, columns = squares(places, width, (self._pixels.shape[1], self._pixels.shape[0]))

        def draw(pixels: Frame) -> None:
            pixels[rows, columns] = colour[:3]

        self._drawn(colour, draw)


def _sixteenths(points: Points) -> npt.NDArray[np.int32]:
    """In the whole numbers that OpenCV counts from the middle of a pixel."""
    found: npt.NDArray[np.int32] = np.round((np.clip(points, -1e5, 1e5) - 0.5) * 2**_BITS).astype(np.int32)
    return found
