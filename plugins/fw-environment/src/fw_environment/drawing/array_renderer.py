"""Drawing with numpy alone: no window, no library, the same bytes on every machine."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from fw_environment.drawing import font
from fw_environment.drawing.commands import Colour, Point
from fw_environment.drawing.draw_list import Image
from fw_environment.drawing.renderer import Frame, Points, Renderer, cover, squares

Mask = npt.NDArray[np.bool_]


class ArrayRenderer(Renderer):
    """A pixel is drawn where its middle lies inside; edges are not smoothed. Text is in capitals of 3 x 5 dots."""

    def __init__(self) -> None:
        self._pixels: Frame = np.zeros((1, 1, 3), dtype=np.uint8)

    def begin(self, size: tuple[int, int], background: Colour) -> None:
        """See Renderer."""
        if self._pixels.shape[:2] != (size[1], size[0]):
            self._pixels = np.empty((size[1], size[0], 3), dtype=np.uint8)
        self._pixels[:] = background[:3]

    def frame(self) -> Frame:
        """See Renderer."""
        return self._pixels.copy()

    def _box(self, low: Points, high: Points) -> tuple[slice, slice]:
        """The rows and columns of all pixels between two corners."""
        height, width = self._pixels.shape[:2]
        return (
            slice(max(floor(low[1]), 0), max(min(ceil(high[1]) + 1, height), 0)),
            slice(max(floor(low[0]), 0), max(min(ceil(high[0]) + 1, width), 0)),
        )

    def _fill(self, box: tuple[slice, slice], mask: Mask, colour: Colour) -> None:
        part = self._pixels[box]
        part[mask] = _blended(part[mask], np.array(colour[:3]), cover(colour))

    def polygon(self, points: Points, colour: Colour) -> None:
        """See Renderer."""
        box = self._box(points.min(axis=0), points.max(axis=0))
        x, y = _middles(box)
        inside = np.zeros((len(y), len(x)), dtype=np.bool_)
        before = np.roll(points, 1, axis=0)
        # Whether an odd number of edges lies to the left of a pixel's middle.
        for (x1, y1), (x2, y2) in zip(before.tolist(), points.tolist(), strict=True):
            if y1 != y2:
                crossed = (y1 > y) != (y2 > y)
                inside ^= crossed[:, None] & (x[None, :] >= (x1 + (y - y1) * ((x2 - x1) / (y2 - y1)))[:, None])
        self._fill(box, inside, colour)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """See Renderer."""
        half = max(width, 1.0) / 2
        box = self._box(points.min(axis=0) - half, points.max(axis=0) + half)
        whole = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), dtype=np.bool_)
        for start, end in pairwise(points):
            part = self._box(np.minimum(start, end) - half, np.maximum(start, end) + half)
            x, y = _middles(part)
            way = end - start
            square = float(way @ way)
            dx, dy = x[None, :] - start[0], y[:, None] - start[1]
            along = np.clip((dx * way[0] + dy * way[1]) / square, 0.0, 1.0) if square else np.zeros((1, 1))
            near = (dx - along * way[0]) ** 2 + (dy - along * way[1]) ** 2 <= half * half
            rows, columns = (
                slice(one.start - all_.start, one.stop - all_.start) for one, all_ in zip(part, box, strict=True)
            )
            whole[rows, columns] |= near
        self._fill(box, whole, colour)

    def circle(self, centre: Point, radius: float, colour: Colour, outline: float) -> None:
        """See Renderer."""
        reach = radius + outline / 2
        middle = np.array(centre)
        box = self._box(middle - reach, middle + reach)
        x, y = _middles(box)
        square = (x[None, :] - centre[0]) ** 2 + (y[:, None] - centre[1]) ** 2
        inside = square <= reach * reach
        if outline:
            inside &= square >= max(radius - outline / 2, 0.0) ** 2
        self._fill(box, inside, colour)

    def text(self, place: Point, text: str, colour: Colour, height: float) -> None:
        """See Renderer."""
        ink = font.pixels(text, height)
        left, top = round(place[0]), round(place[1])
        rows, columns = self._pixels.shape[:2]
        up, before = max(-top, 0), max(-left, 0)
        ink = ink[up : max(rows - top, 0), before : max(columns - left, 0)]
        box = (slice(top + up, top + up + ink.shape[0]), slice(left + before, left + before + ink.shape[1]))
        if ink.size:
            self._fill(box, ink, colour)

    def image(self, pixels: Image, corner: Points, across: Points, down: Points) -> None:
        """See Renderer."""
        corners = np.stack([corner, corner + across, corner + down, corner + across + down])
        box = self._box(corners.min(axis=0), corners.max(axis=0))
        x, y = _middles(box)
        dx, dy = x[None, :] - corner[0], y[:, None] - corner[1]
        # Where in the image, as shares of its width and height, each pixel's middle lies: across and down are at right
        # angles.
        u = (dx * across[0] + dy * across[1]) / float(across @ across)
        v = (dx * down[0] + dy * down[1]) / float(down @ down)
        inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
        height, width = pixels.shape[:2]
        taken = pixels[(v[inside] * height).astype(np.int64), (u[inside] * width).astype(np.int64)]
        part = self._pixels[box]
        part[inside] = _blended(part[inside], taken[:, :3], taken[:, 3:])

    def dots(self, places: Points, colour: Colour, width: int) -> None:
        """See Renderer."""
        rows, columns = squares(places, width, (self._pixels.shape[1], self._pixels.shape[0]))
        self._pixels[rows, columns] = _blended(self._pixels[rows, columns], np.array(colour[:3]), cover(colour))


def _middles(box: tuple[slice, slice]) -> tuple[Points, Points]:
    """x of all columns' and y of all rows' middles."""
    return np.arange(box[1].start, box[1].stop) + 0.5, np.arange(box[0].start, box[0].stop) + 0.5


def _blended(below: Frame, above: npt.NDArray[np.int64] | Frame, share: int | Frame) -> Frame:
    """One colour over another; in whole numbers, rounded."""
    part = np.asarray(share, dtype=np.int64)
    mixed = (np.asarray(above, dtype=np.int64) * part + below.astype(np.int64) * (255 - part) + 127) // 255
    return mixed.astype(np.uint8)
