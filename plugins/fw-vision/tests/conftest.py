"""A screen without a monitor, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from fw_vision.virtual_display import VirtualDisplay


@pytest.fixture(scope="module")
def display() -> Iterator[VirtualDisplay]:
    with VirtualDisplay(640, 480) as display:
        yield display


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    """A picture in which no two places look alike: (480, 640, 4), BGRA."""
    import cv2

    rough = np.random.default_rng(5).integers(0, 255, (60, 80, 4), np.uint8)
    return np.asarray(cv2.resize(rough, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)
