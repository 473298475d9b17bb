"""Finding areas of a colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fw_vision.frame import Frame
from fw_vision.region import Region

if TYPE_CHECKING:
    from cv2.typing import MatLike


@dataclass(frozen=True, slots=True)
class Blob:
    """A connected area of one colour: its box, its pixels' number, its centre of mass."""

    region: Region
    area: int
    center: tuple[int, int]


def find_color(
    frame: Frame, color: tuple[int, int, int], tolerance: int = 20, smallest: int = 16, step: int = 2
) -> list[Blob]:
    """Connected areas of a colour, largest first.

    ``color`` is (red, green, blue), each may be off by ``tolerance``. The search looks at every ``step``-th pixel of
    every ``step``-th row first, and at all pixels only around what that found: what is narrower may be missed.
    """
    import numpy as np

    pixels = frame.pixels
    rough = np.asarray(_mask(pixels[::step, ::step], color, tolerance))
    rows, columns = np.flatnonzero(rough.any(axis=1)), np.flatnonzero(rough.any(axis=0))
    if not rows.size:
        return []
    # One box around all of them: boxes of their own could cut an area in two.
    left, top = max(0, (int(columns[0]) - 1) * step), max(0, (int(rows[0]) - 1) * step)
    part = pixels[top : (int(rows[-1]) + 2) * step, left : (int(columns[-1]) + 2) * step]
    blobs = _blobs(_mask(part, color, tolerance), frame.region.left + left, frame.region.top + top, smallest)
    return sorted(blobs, key=lambda blob: -blob.area)


def _mask(pixels: MatLike, color: tuple[int, int, int], tolerance: int) -> MatLike:
    import cv2
    import numpy as np

    red, green, blue = color
    low = np.array([blue - tolerance, green - tolerance, red - tolerance, 0]).clip(0, 255)
    high = np.array([blue + tolerance, green + tolerance, red + tolerance, 255]).clip(0, 255)
    return cv2.inRange(pixels, low.astype(np.uint8), high.astype(np.uint8))


def _blobs(mask: MatLike, x0: int, y0: int, smallest: int) -> list[Blob]:
    import cv2

    _, _, statistics, centers = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [
        Blob(
            Region(int(left), int(top), int(width), int(height)).moved(x0, y0),
            int(area),
            (x0 + round(x), y0 + round(y)),
        )
        for (left, top, width, height, area), (x, y) in zip(statistics[1:].tolist(), centers[1:].tolist(), strict=True)
        if area >= smallest
    ]
