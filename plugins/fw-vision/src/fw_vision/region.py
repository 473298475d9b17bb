"""`Region`: a rectangle on the screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels of the screen; the right and bottom edges are outside of it."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column behind it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def center(self) -> tuple[int, int]:
        """The pixel in the middle: where to click."""
        return self.left + self.width // 2, self.top + self.height // 2

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.width * self.height

    def holds(self, other: Region) -> bool:
        """Whether all of ``other`` is inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def common(self, other: Region) -> Region:
        """What both cover; its width and height are 0 if that is nothing."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        width, height = min(self.right, other.right) - left, min(self.bottom, other.bottom) - top
        return Region(left, top, width, height) if width > 0 and height > 0 else Region(left, top, 0, 0)

    def moved(self, x: int, y: int) -> Region:
        """The same rectangle, ``x`` to the right and ``y`` down."""
        return Region(self.left + x, self.top + y, self.width, self.height)

    def grown(self, by: int) -> Region:
        """Larger by as many pixels on each side."""
        return Region(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)
