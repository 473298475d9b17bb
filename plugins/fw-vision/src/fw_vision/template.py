"""Finding a small picture in a large one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fw_vision.errors import BadTemplate
from fw_vision.frame import Frame
from fw_vision.region import Region

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from fw_vision.frame import Pixels

_SMALLEST = 12
"""Pixels of the shorter side below which halving a template leaves too little of it to be recognised."""
_COARSE = 0.25
"""How much less alike a place may be at a coarse level and still be looked at closely."""
_CANDIDATES = 32
"""Places of a coarse level that are looked at closely, the best first."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a template was found, and how alike it is: 1 is the same, up to brightness and contrast."""

    region: Region
    score: float


class Template:
    """A picture to look for: pixels (height, width, 3 or 4), BGR or BGRA, or one `from_file` or `from_frame`.

    Compared are brightness and structure (normalised cross-correlation of grey pixels), not colour, at one size.
    """

    def __init__(self, pixels: Pixels) -> None:
        import cv2

        if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise BadTemplate(f"its shape is {pixels.shape}", "Give (height, width, 3 or 4), BGR or BGRA.")
        code = cv2.COLOR_BGRA2GRAY if pixels.shape[2] == 4 else cv2.COLOR_BGR2GRAY
        self.gray = cv2.cvtColor(pixels, code)
        if int(self.gray.min()) == int(self.gray.max()):
            raise BadTemplate("it has no structure, all of it is equally bright", "Use find_color for plain areas.")

    @classmethod
    def from_file(cls, path: str | Path) -> Template:
        """From a PNG, JPEG or WebP file."""
        import cv2
        import numpy as np

        pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            raise BadTemplate(f"{path} is no picture that can be read", "Give a PNG, JPEG or WebP file.")
        return cls(pixels.astype(np.uint8, copy=False))

    @classmethod
    def from_frame(cls, frame: Frame) -> Template:
        """From what was on the screen: ``Template.from_frame(frame.crop(region))``."""
        return cls(frame.bgr)

    @cached_property
    def levels(self) -> list[MatLike]:
        """The template at full size, half, quarter, while enough of it remains."""
        import cv2

        found: list[MatLike] = [self.gray]
        while min(found[-1].shape) >= 2 * _SMALLEST and len(found) < 4:
            half = cv2.pyrDown(found[-1])
            if int(half.max()) - int(half.min()) < 16:
                break  # fine texture: halved it is plain
            found.append(half)
        return found


def find_template(frame: Frame, template: Template, threshold: float = 0.9, limit: int = 10) -> list[Match]:
    """Where the template is in the frame, best first, no two over each other; at most ``limit``.

    Searches a pyramid: all of a small picture, then only the likely places of the larger ones. A template that looks
    like its surroundings at a quarter of its size can be missed; crop the frame, then, or raise ``limit``.
    """
    import cv2

    pictures: list[MatLike] = [frame.gray]
    for _ in template.levels[1:]:
        pictures.append(cv2.pyrDown(pictures[-1]))
    top = len(pictures) - 1
    if any(a < b for a, b in zip(frame.gray.shape, template.gray.shape, strict=True)):
        return []
    needed = threshold if top == 0 else threshold - _COARSE
    places = _peaks(pictures[top], template.levels[top], needed, max(limit, _CANDIDATES if top else limit))
    for level in range(top - 1, -1, -1):
        needed = threshold if level == 0 else threshold - _COARSE / 2
        closer = (_closer(pictures[level], template.levels[level], 2 * x, 2 * y) for _, x, y in places)
        places = sorted((place for place in closer if place[0] >= needed), reverse=True)
    height, width = template.gray.shape
    return _apart(places, frame.region, width, height, limit)


def _peaks(picture: MatLike, part: MatLike, needed: float, most: int) -> list[Place]:
    """The best places, with what surrounds each wiped out before the next is taken."""
    import cv2
    import numpy as np

    scores = cv2.matchTemplate(picture, part, cv2.TM_CCOEFF_NORMED)
    scores = np.nan_to_num(scores, nan=-1.0, posinf=-1.0, neginf=-1.0)
    height, width = part.shape[0] // 2 or 1, part.shape[1] // 2 or 1
    found: list[Place] = []
    while len(found) < most:
        _, best, _, (x, y) = cv2.minMaxLoc(scores)
        if best < needed:
            break
        found.append((best, x, y))
        scores[max(0, y - height) : y + height + 1, max(0, x - width) : x + width + 1] = -1.0
    return found


def _closer(picture: MatLike, part: MatLike, x: int, y: int) -> Place:
    """The best place within three pixels of one that a coarser level gave."""
    height, width = part.shape
    left = max(0, min(x - 3, picture.shape[1] - width))
    top = max(0, min(y - 3, picture.shape[0] - height))
    around = picture[top : y + height + 4, left : x + width + 4]
    found = _peaks(around, part, -1.0, 1)
    return (found[0][0], found[0][1] + left, found[0][2] + top) if found else (-1.0, x, y)


def _apart(places: list[Place], where: Region, width: int, height: int, limit: int) -> list[Match]:
    found: list[Match] = []
    for score, x, y in places:
        region = Region(where.left + x, where.top + y, width, height)
        if len(found) < limit and all(region.common(other.region).area * 4 < region.area for other in found):
            found.append(Match(region, min(1.0, score)))
    return found


Place = tuple[float, int, int]
"""Score, column, row."""
