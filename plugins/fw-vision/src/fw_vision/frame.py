"""`Frame`: what was on the screen at one moment."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from fw_vision.errors import OutsideScreen
from fw_vision.region import Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


class Frame:
    """Pixels with their place and time.

    ``pixels`` has the shape (height, width, 4), BGRA, uint8, and cannot be written to; ``region`` says where on the
    screen they were, ``time`` when, on the clock of ``time.monotonic``.
    """

    def __init__(self, pixels: Pixels, region: Region | None = None, time: float = 0.0) -> None:
        height, width = pixels.shape[:2]
        self.pixels = pixels.view()
        self.pixels.flags.writeable = False
        self.region = region or Region(0, 0, width, height)
        self.time = time

    @cached_property
    def gray(self) -> Pixels:
        """Brightness: (height, width)."""
        import cv2

        return _same(cv2.cvtColor(self.pixels, cv2.COLOR_BGRA2GRAY))

    @cached_property
    def bgr(self) -> Pixels:
        """(height, width, 3), in one block as OpenCV likes it. ``pixels[..., :3]`` is the same without a copy."""
        import cv2

        return _same(cv2.cvtColor(self.pixels, cv2.COLOR_BGRA2BGR))

    @cached_property
    def rgb(self) -> Pixels:
        """(height, width, 3), as Pillow and most others want it."""
        import cv2

        return _same(cv2.cvtColor(self.pixels, cv2.COLOR_BGRA2RGB))

    @cached_property
    def digest(self) -> bytes:
        """The same for two frames that show the same, wherever and whenever."""
        import numpy as np

        name = blake2b(repr(self.pixels.shape).encode(), digest_size=16)
        name.update(np.ascontiguousarray(self.pixels).data)
        return name.digest()

    def crop(self, region: Region) -> Frame:
        """A part of it, in coordinates of the screen, without a copy. Raises `OutsideScreen`."""
        if region.area <= 0 or not self.region.holds(region):
            raise OutsideScreen(region, self.region)
        top, left = region.top - self.region.top, region.left - self.region.left
        return Frame(self.pixels[top : top + region.height, left : left + region.width], region, self.time)


def _same(pixels: object) -> Pixels:
    """OpenCV types its results as any array; these are bytes."""
    return pixels  # type: ignore[return-value]
