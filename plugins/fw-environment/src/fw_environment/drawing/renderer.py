"""From a draw list to a frame: what every renderer does, and the few shapes in which they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import cos, hypot, sin
from typing import assert_never

import numpy as np
import numpy.typing as npt

from fw_environment.drawing.camera import Camera
from fw_environment.drawing.commands import Circle, Colour, Command, Dots, Line, Point, Polygon, Rect, Sprite, Text
from fw_environment.drawing.draw_list import DrawList, Image
from fw_environment.drawing.errors import UnknownImage

Frame = npt.NDArray[np.uint8]
"""Height x width x 3: red, green, blue."""
Points = npt.NDArray[np.float64]


class Renderer(ABC):
    """Draws draw lists, seen through cameras. One renderer may draw any number of them, of any size, one after another.

    An implementation gives the shapes below. All are in pixels with their fractions: the middle of the first pixel is
    at (0.5, 0.5). What lies outside is left out; colours that do not cover are blended.
    """

    def draw(self, picture: DrawList, camera: Camera) -> Frame:
        """The frame, a copy of its own. Neither picture nor camera is changed."""
        self.paint(picture, camera)
        return self.frame()

    def paint(self, picture: DrawList, camera: Camera) -> None:
        """Draws, without making a frame of it: for a window."""
        self.begin(camera.viewport, picture.background)
        try:
            for command in picture.ordered():
                self._shape(command, picture, Camera(camera.viewport, _middle(camera)) if command.screen else camera)
        finally:
            self.end()

    def _shape(self, command: Command, picture: DrawList, camera: Camera) -> None:
        match command:
            case Rect(corner, (width, height), colour, outline):
                x, y = corner
                corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
                self._outlined(_placed(corners, camera), colour, outline, camera)
            case Circle(centre, radius, colour, outline):
                x, y = camera.world_to_screen(centre)
                reach = radius * camera.zoom
                if _seen(x - reach, y - reach, x + reach, y + reach, camera):
                    self.circle((x, y), reach, colour, outline)
            case Line(points, colour, width):
                self._line(_placed(points, camera), colour, width, camera)
            case Polygon(points, colour):
                self._outlined(_placed(points, camera), colour, 0.0, camera)
            case Text(place, text, colour, height):
                self.text(camera.world_to_screen(place), text, colour, height)
            case Sprite(centre, name, size, angle):
                self._sprite(picture, name, camera.world_to_screen(centre), size, angle, camera)
            case Dots(places, colour, width):
                self.dots(camera.all_to_screen(places), colour, width)
            case _:
                assert_never(command)

    def _outlined(self, points: Points, colour: Colour, outline: float, camera: Camera) -> None:
        if outline:
            self._line(np.concatenate([points, points[:1]]), colour, outline, camera)
        elif len(points) > 2 and _any_seen(points, 0.0, camera):
            self.polygon(points, colour)

    def _line(self, points: Points, colour: Colour, width: float, camera: Camera) -> None:
        if len(points) > 1 and _any_seen(points, width, camera):
            self.line(points, colour, width)

    def _sprite(self, picture: DrawList, name: str, centre: Point, size: Point, angle: float, camera: Camera) -> None:
        if name not in picture.images:
            raise UnknownImage(name, list(picture.images))
        turned = -angle if camera.y_up else angle
        width, height = size[0] * camera.zoom, size[1] * camera.zoom
        reach = hypot(width, height) / 2
        if (
            width
            and height
            and _seen(centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach, camera)
        ):
            across = np.array([cos(turned), sin(turned)]) * width
            down = np.array([-sin(turned), cos(turned)]) * height
            self.image(picture.images[name], np.array(centre) - (across + down) / 2, across, down)

    @abstractmethod
    def begin(self, size: tuple[int, int], background: Colour) -> None:
        """A new picture."""

    def end(self) -> None:
        """The picture is complete, or given up."""
        return

    @abstractmethod
    def frame(self) -> Frame:
        """A copy of the picture as it is."""

    @abstractmethod
    def polygon(self, points: Points, colour: Colour) -> None:
        """Filled, at least three points (N, 2)."""

    @abstractmethod
    def line(self, points: Points, colour: Colour, width: float) -> None:
        """Through at least two points (N, 2)."""

    @abstractmethod
    def circle(self, centre: Point, radius: float, colour: Colour, outline: float) -> None:
        """Filled, or only its edge, `outline` wide and half of that on either side."""

    @abstractmethod
    def text(self, place: Point, text: str, colour: Colour, height: float) -> None:
        """One line from its upper left corner."""

    @abstractmethod
    def image(self, pixels: Image, corner: Points, across: Points, down: Points) -> None:
        """Stretched and turned: from the upper left corner, `across` its upper and `down` its left edge."""

    @abstractmethod
    def dots(self, places: Points, colour: Colour, width: int) -> None:
        """Squares around (N, 2) places."""


def _middle(camera: Camera) -> Point:
    """Where a camera with a zoom of 1 has to look so that the world is the screen."""
    return (camera.viewport[0] / 2, camera.viewport[1] / 2)


def _placed(points: tuple[Point, ...] | list[Point], camera: Camera) -> Points:
    return camera.all_to_screen(np.array(points, dtype=np.float64).reshape(-1, 2))


def _seen(left: float, top: float, right: float, bottom: float, camera: Camera) -> bool:
    return bool(left < camera.viewport[0] and right > 0 and top < camera.viewport[1] and bottom > 0)


def _any_seen(points: Points, margin: float, camera: Camera) -> bool:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return _seen(left - margin, top - margin, right + margin, bottom + margin, camera)


def opaque(colour: Colour) -> bool:
    """Whether a colour covers what is below it."""
    return len(colour) == 3 or colour[3] == 255


def cover(colour: Colour) -> int:
    """How much a colour covers, 0 to 255."""
    return colour[3] if len(colour) == 4 else 255


def squares(places: Points, width: int, size: tuple[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The pixels, rows and columns, of squares around places; those outside of the picture left out."""
    first = np.floor(places - (width - 1) / 2).astype(np.int64)
    grown = np.arange(width)
    x = (first[:, 0, None, None] + grown[None, None, :] + 0 * grown[None, :, None]).ravel()
    y = (first[:, 1, None, None] + grown[None, :, None] + 0 * grown[None, None, :]).ravel()
    inside = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
    return y[inside], x[inside]
