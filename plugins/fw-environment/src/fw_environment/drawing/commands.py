"""What can be drawn, as plain data: numbers, text and names, nothing of any library that draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Colour = tuple[int, int, int] | tuple[int, int, int, int]
"""Red, green, blue and, where it is not opaque, how much it covers; each 0 to 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Places and lengths are in units of the world; on a `screen` command in pixels, counted from the upper left.

    Widths of lines and heights of text are always in pixels. A higher `layer` is drawn over a lower one, within a layer
    a later command over an earlier one.
    """

    layer: int = 0
    screen: bool = False


@dataclass(frozen=True, slots=True)
class Rect(Drawn):
    """From its corner with the smallest x and y. `outline` is the width of its edge; 0 fills it."""

    corner: Point
    size: Point
    colour: Colour
    outline: float = 0.0


@dataclass(frozen=True, slots=True)
class Circle(Drawn):
    """`outline` is the width of its edge; 0 fills it."""

    centre: Point
    radius: float
    colour: Colour
    outline: float = 0.0


@dataclass(frozen=True, slots=True)
class Line(Drawn):
    """Through all its points."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Polygon(Drawn):
    """Filled; its edges do not cross."""

    points: tuple[Point, ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Text(Drawn):
    """One line; `place` is its upper left corner. Each renderer uses a font of its own."""

    place: Point
    text: str
    colour: Colour
    height: float = 12.0


@dataclass(frozen=True, slots=True)
class Sprite(Drawn):
    """An image of the draw list, stretched to `size`; `angle` in radians turns from the x axis towards the y axis."""

    centre: Point
    image: str
    size: Point
    angle: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Dots(Drawn):
    """Many squares of one colour, at the (N, 2) places; `width` in pixels. For thousands of bodies in one command.

    Equal only to itself.
    """

    places: npt.NDArray[np.float64]
    colour: Colour
    width: int = 2


Command = Rect | Circle | Line | Polygon | Text | Sprite | Dots
