"""The port `Screen`: where pictures come from. A real screen (mss) and one made of given pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from fw_vision.errors import NoScreen, OutsideScreen
from fw_vision.region import Region

if TYPE_CHECKING:
    from fw_vision.frame import Pixels


class Screen(Protocol):
    """Called in one thread only, from `open` to `close`."""

    def open(self) -> None:
        """Connect. Raises `NoScreen`."""

    def monitors(self) -> list[Region]:
        """The whole desktop, then each monitor."""

    def grab(self, region: Region) -> Pixels:
        """What is there now: (height, width, 4), BGRA. It is the caller's."""

    def close(self) -> None:
        """Let go; not opened or closed already is fine."""


class MssScreen:
    """The screen of this session, or the X display that is named."""

    def __init__(self, display: str = "") -> None:
        self._display = display
        self._mss: Any = None

    def open(self) -> None:
        """Connect to the display."""
        import mss

        try:
            self._mss = mss.MSS(display=self._display) if self._display else mss.MSS()
            self.monitors()
        except Exception as error:  # back ends of mss raise their own kinds, of Xlib, XCB, Quartz and GDI
            self.close()
            raise NoScreen(self._display, error) from error

    def monitors(self) -> list[Region]:
        """The whole desktop, then each monitor."""
        return [Region(each["left"], each["top"], each["width"], each["height"]) for each in self._mss.monitors]

    def grab(self, region: Region) -> Pixels:
        """What is there now."""
        import numpy as np

        box = {"left": region.left, "top": region.top, "width": region.width, "height": region.height}
        shot = self._mss.grab(box)
        return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)

    def close(self) -> None:
        """Disconnect."""
        if self._mss is not None:
            with contextlib.suppress(Exception):  # the server may be gone before us
                self._mss.close()
            self._mss = None


class FakeScreen:
    """Shows the given pictures one after the other, and goes on with the last; for tests."""

    def __init__(self, pictures: Iterable[Pixels]) -> None:
        self._pictures = list(pictures)
        self.shown = 0

    def open(self) -> None:
        """Nothing to connect to."""

    def monitors(self) -> list[Region]:
        """One monitor, as large as the first picture."""
        height, width = self._pictures[0].shape[:2]
        return [Region(0, 0, width, height)] * 2

    def grab(self, region: Region) -> Pixels:
        """The next picture, or the part of it that was asked for."""
        if not self.monitors()[0].holds(region):
            raise OutsideScreen(region, self.monitors()[0])
        picture = self._pictures[min(self.shown, len(self._pictures) - 1)]
        self.shown += 1
        return picture[region.top : region.bottom, region.left : region.right].copy()

    def close(self) -> None:
        """Nothing to let go."""
