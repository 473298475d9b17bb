"""A picture before it is drawn: commands in order, and the images that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from fw_environment.drawing.commands import (
    Circle,
    Colour,
    Command,
    Dots,
    Line,
    Point,
    Polygon,
    Rect,
    Sprite,
    Text,
)
from fw_environment.drawing.errors import InvalidImage

Image = npt.NDArray[np.uint8]
"""Height x width x 4: red, green, blue, how much it covers."""


class DrawList:
    """Filled anew for each frame: `clear`, then whatever there is to see. Keeps its `images` and `background`."""

    def __init__(self, *, background: Colour = (0, 0, 0), images: Mapping[str, npt.ArrayLike] | None = None) -> None:
        self.background = background
        self.commands: list[Command] = []
        self.images: dict[str, Image] = {}
        for name, image in (images or {}).items():
            self.image(name, image)

    def image(self, name: str, pixels: npt.ArrayLike) -> None:
        """Names an image for sprites: height x width x 3 or 4, 0 to 255."""
        found = np.asarray(pixels, dtype=np.uint8)
        if found.ndim != 3 or found.shape[2] not in {3, 4} or not found.size:
            raise InvalidImage(f"image {name!r} of shape {found.shape}; give height x width x 3 or 4")
        if found.shape[2] == 3:
            found = np.concatenate([found, np.full((*found.shape[:2], 1), 255, dtype=np.uint8)], axis=2)
        self.images[name] = np.ascontiguousarray(found)

    def clear(self) -> None:
        """Takes all commands out."""
        self.commands.clear()

    def add(self, command: Command) -> None:
        """Puts in a command that is made already."""
        self.commands.append(command)

    def ordered(self) -> list[Command]:
        """The commands in the order in which they are drawn."""
        return sorted(self.commands, key=attrgetter("layer"))

    def rect(
        self, corner: Point, size: Point, colour: Colour, outline: float = 0.0, *, layer: int = 0, screen: bool = False
    ) -> None:
        """See Rect."""
        self.add(Rect(corner, size, colour, outline, layer=layer, screen=screen))

    def circle(
        self,
        centre: Point,
        radius: float,
        colour: Colour,
        outline: float = 0.0,
        *,
        layer: int = 0,
        screen: bool = False,
    ) -> None:
        """See Circle."""
        self.add(Circle(centre, radius, colour, outline, layer=layer, screen=screen))

    def line(
        self, points: Sequence[Point], colour: Colour, width: float = 1.0, *, layer: int = 0, screen: bool = False
    ) -> None:
        """See Line."""
        self.add(Line(tuple(points), colour, width, layer=layer, screen=screen))

    def polygon(self, points: Sequence[Point], colour: Colour, *, layer: int = 0, screen: bool = False) -> None:
        """See Polygon."""
        self.add(Polygon(tuple(points), colour, layer=layer, screen=screen))

    def text(
        self, place: Point, text: str, colour: Colour, height: float = 12.0, *, layer: int = 0, screen: bool = False
    ) -> None:
        """See Text."""
        self.add(Text(place, text, colour, height, layer=layer, screen=screen))

    def sprite(
        self, centre: Point, image: str, size: Point, angle: float = 0.0, *, layer: int = 0, screen: bool = False
    ) -> None:
        """See Sprite."""
        self.add(Sprite(centre, image, size, angle, layer=layer, screen=screen))

    def dots(
        self, places: npt.ArrayLike, colour: Colour, width: int = 2, *, layer: int = 0, screen: bool = False
    ) -> None:
        """See Dots."""
        found = np.array(places, dtype=np.float64).reshape(-1, 2)
        self.add(Dots(found, colour, width, layer=layer, screen=screen))
