"""Which part of the world is seen, and where on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Points = npt.NDArray[np.float64]


@dataclass(slots=True)
class Camera:
    """Looks at `centre` through a `viewport` of so many pixels, with `zoom` pixels to a unit of the world.

    Pixels are counted from the upper left corner; y of the world points down as well, up with `y_up`. A camera is no
    part of the world: moving it changes nothing there.
    """

    viewport: tuple[int, int]
    centre: Point = (0.0, 0.0)
    zoom: float = 1.0
    y_up: bool = False
    offset: Point = (0.0, 0.0)
    """Moves the picture by so many pixels: a shake."""

    def __post_init__(self) -> None:
        if min(self.viewport) < 1:
            raise ValueError(f"a viewport of {self.viewport} pixels shows nothing; give a width and a height above 0")
        if not 0 < self.zoom < inf:
            raise ValueError(f"zoom {self.zoom} shows nothing; give a number of pixels above 0")

    @property
    def scale(self) -> Point:
        """Pixels to a unit along x and along y, which is negative where y points up."""
        return (self.zoom, -self.zoom if self.y_up else self.zoom)

    @property
    def shift(self) -> Point:
        """Where the origin of the world is on the screen."""
        return (
            self.viewport[0] / 2 + self.offset[0] - self.centre[0] * self.scale[0],
            self.viewport[1] / 2 + self.offset[1] - self.centre[1] * self.scale[1],
        )

    def world_to_screen(self, place: Point) -> Point:
        """The pixel, with its fraction, at which a place is seen."""
        (sx, sy), (x, y) = self.scale, self.shift
        return (place[0] * sx + x, place[1] * sy + y)

    def screen_to_world(self, pixel: Point) -> Point:
        """The place that is seen at a pixel."""
        (sx, sy), (x, y) = self.scale, self.shift
        return ((pixel[0] - x) / sx, (pixel[1] - y) / sy)

    def all_to_screen(self, places: Points) -> Points:
        """`world_to_screen` of (N, 2) places."""
        return places * self.scale + self.shift

    @property
    def view(self) -> tuple[Point, Point]:
        """The corners, lowest and highest, of the part of the world that is seen."""
        one, two = self.screen_to_world((0, 0)), self.screen_to_world(self.viewport)
        return ((min(one[0], two[0]), min(one[1], two[1])), (max(one[0], two[0]), max(one[1], two[1])))

    def follow(self, place: Point, seconds: float, lag: float = 0.0) -> None:
        """Comes nearer to a place, as far as it can in so many seconds.

        In `lag` seconds about two thirds of the way; with 0 at once. The same in one step as in many.
        """
        share = 1.0 if lag <= 0 else 1.0 - exp(-seconds / lag)
        x, y = self.centre
        self.centre = (x + (place[0] - x) * share, y + (place[1] - y) * share)

    def zoom_at(self, pixel: Point, factor: float) -> None:
        """Zooms in by a factor, or out by one below 1, so that what is seen at a pixel stays there."""
        if not 0 < factor < inf:
            raise ValueError(f"zooming by {factor} shows nothing; give a factor above 0")
        before = self.screen_to_world(pixel)
        self.zoom *= factor
        after = self.screen_to_world(pixel)
        self.centre = (self.centre[0] + before[0] - after[0], self.centre[1] + before[1] - after[1])

    def fit(self, low: Point, high: Point, margin: float = 0.0) -> None:
        """Shows all of the box between two corners, as large as it fits with a margin of so many pixels."""
        room = [max(side - 2 * margin, 1.0) for side in self.viewport]
        size = (abs(high[0] - low[0]), abs(high[1] - low[1]))
        self.zoom = min((have / want for have, want in zip(room, size, strict=True) if want), default=self.zoom)
        self.centre = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)

    def shake(self, pixels: float, random: np.random.Generator) -> None:
        """Moves the picture by up to so many pixels; 0 ends it. Give a stream of your own, never one of the world."""
        x, y = (random.random(2) * 2 - 1) * pixels
        self.offset = (float(x), float(y))
