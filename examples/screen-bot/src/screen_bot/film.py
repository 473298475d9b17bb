"""`Film`: keeps what was seen as a small moving picture."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from fw_vision import Frame


class Film:
    """Frames at half size, at most ``rate`` a second."""

    def __init__(self, rate: float = 8.0) -> None:
        self._every = 1 / rate
        self._frames: list[Frame] = []

    def add(self, frame: Frame) -> None:
        """Keep it, if it is time for one."""
        if not self._frames or frame.time - self._frames[-1].time >= self._every:
            self._frames.append(frame)

    def save(self, path: Path) -> None:
        """Write it, as GIF, WebP or PNG by the path's name."""
        from PIL import Image

        pictures = [Image.fromarray(frame.rgb).reduce(2).quantize(32) for frame in self._frames]
        times = [frame.time for frame in self._frames]
        shown = [round((after - before) * 1000) for before, after in pairwise(times)]
        first, *rest = pictures
        first.save(path, save_all=True, append_images=rest, duration=[*shown, 2000], loop=0, optimize=True)
