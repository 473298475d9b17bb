"""What differs between two pictures."""

from __future__ import annotations

from dataclasses import dataclass

from fw_vision.errors import OutsideScreen
from fw_vision.frame import Frame
from fw_vision.region import Region


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of pixels that changed (0 to 1), and the regions of the screen they lie in, largest first."""

    share: float
    regions: tuple[Region, ...]

    def __bool__(self) -> bool:
        return bool(self.regions)


def difference(before: Frame, after: Frame, tolerance: int = 8, join: int = 4) -> Difference:
    """Where two frames of one size differ by more than ``tolerance`` (0 to 255) in any colour.

    Changes at most ``join`` pixels apart count as one region. The regions are on the screen of ``after``.
    """
    import cv2
    import numpy as np

    if before.pixels.shape != after.pixels.shape:
        raise OutsideScreen(before.region, after.region)
    changed = cv2.absdiff(before.pixels, after.pixels)[..., :3].max(axis=2) > tolerance
    count = int(np.count_nonzero(changed))
    if not count:
        return Difference(0.0, ())
    mask = changed.astype(np.uint8)
    # Each pixel is spread over a square, so that what lies close becomes one piece; boxes are of the real pixels.
    joined = cv2.dilate(mask, np.ones((join + 1, join + 1), np.uint8)) if join else mask
    pieces, labels = cv2.connectedComponents(joined, connectivity=8)
    rows, columns = np.nonzero(changed)
    owner = np.asarray(labels, np.intp)[rows, columns]
    box = np.full((4, pieces), 0)
    box[:2] = 1 << 30
    np.minimum.at(box[0], owner, columns)
    np.minimum.at(box[1], owner, rows)
    np.maximum.at(box[2], owner, columns + 1)
    np.maximum.at(box[3], owner, rows + 1)
    found = [
        Region(left, top, right - left, bottom - top).moved(after.region.left, after.region.top)
        for left, top, right, bottom in box[:, 1:].T.tolist()
        if right
    ]
    found.sort(key=lambda region: -region.area)
    return Difference(count / changed.size, tuple(found))
