"""Drawing with pygame-ce, or the original pygame: into a surface of its own, or into a window's."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import atan2, ceil, degrees, hypot
from typing import TYPE_CHECKING, Any

import numpy as np

from fw_environment.drawing.commands import Colour, Point
from fw_environment.drawing.draw_list import Image
from fw_environment.drawing.renderer import Frame, Points, Renderer, opaque, squares
from fw_environment.extras import required

if TYPE_CHECKING:
    import pygame


class PygameRenderer(Renderer):
    """Needs no display. With `surface`, such as a window's, it draws there, from the upper left corner."""

    def __init__(self, surface: pygame.Surface | None = None) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # standard output belongs to the program
        self._pygame: Any = required("pygame", "pygame")
        self._pygame.font.init()
        self._given = surface
        self._surface: Any = surface
        self._fonts: dict[int, Any] = {}

    def begin(self, size: tuple[int, int], background: Colour) -> None:
        """See Renderer."""
        if self._given is None and (self._surface is None or self._surface.get_size() != size):
            self._surface = self._pygame.Surface(size)
        self._surface.fill(background[:3])

    def frame(self) -> Frame:
        """See Renderer."""
        width, height = self._surface.get_size()
        flat = np.frombuffer(self._pygame.image.tobytes(self._surface, "RGB"), dtype=np.uint8)
        return flat.reshape(height, width, 3).copy()

    def _drawn(self, colour: Colour, low: Points, high: Points, draw: Callable[[Any, Points], None]) -> None:
        """Calls `draw` with a surface and where its corner lies; pygame's shapes alone do not blend."""
        if opaque(colour):
            draw(self._surface, np.zeros(2))
            return
        size = np.array(self._surface.get_size())
        low, high = np.clip(np.floor(low) - 1, 0, size), np.clip(np.ceil(high) + 1, 0, size)
        if (high > low).all():
            part = self._pygame.Surface((high - low).tolist(), self._pygame.SRCALPHA)
            draw(part, low)
            self._surface.blit(part, low.tolist())

    def polygon(self, points: Points, colour: Colour) -> None:
        """See Renderer."""

        def draw(surface: Any, corner: Points) -> None:
            self._pygame.draw.polygon(surface, colour, np.floor(points - corner).tolist())

        self._drawn(colour, points.min(axis=0), points.max(axis=0), draw)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """See Renderer."""
        thick = max(round(width), 1)

        def draw(surface: Any, corner: Points) -> None:
            for start, end in zip(points[:-1] - corner, points[1:] - corner, strict=True):
                self._pygame.draw.line(surface, colour, np.floor(start).tolist(), np.floor(end).tolist(), thick)

        self._drawn(colour, points.min(axis=0) - thick, points.max(axis=0) + thick, draw)

    def circle(self, centre: Point, radius: float, colour: Colour, outline: float) -> None:
        """See Renderer."""
        middle, reach = np.array(centre), radius + outline / 2
        thick = max(round(outline), 1) if outline else 0

        def draw(surface: Any, corner: Points) -> None:
            self._pygame.draw.circle(surface, colour, (middle - corner).tolist(), reach, thick)

        self._drawn(colour, middle - reach, middle + reach, draw)

    def text(self, place: Point, text: str, colour: Colour, height: float) -> None:
        """See Renderer."""
        size = max(round(height), 1)
        if size not in self._fonts:
            self._fonts[size] = self._pygame.font.Font(None, ceil(size * 1.3))  # the size counts space between lines
        ink = self._fonts[size].render(text, True, colour[:3])
        if not opaque(colour):
            ink.set_alpha(colour[-1])
        self._surface.blit(ink, (round(place[0]), round(place[1])))

    def image(self, pixels: Image, corner: Points, across: Points, down: Points) -> None:
        """See Renderer."""
        height, width = pixels.shape[:2]
        picture = self._pygame.image.frombuffer(pixels.tobytes(), (width, height), "RGBA")
        size = (max(round(hypot(*across)), 1), max(round(hypot(*down)), 1))
        picture = self._pygame.transform.scale(picture, size)
        angle = degrees(atan2(across[1], across[0]))
        if angle:
            picture = self._pygame.transform.rotate(picture, -angle)
        middle = corner + (across + down) / 2
        self._surface.blit(picture, picture.get_rect(center=middle.round().tolist()))

    def dots(self, places: Points, colour: Colour, width: int) -> None:
        """See Renderer."""
        rows, columns = squares(places, width, self._surface.get_size())

        def draw(surface: Any, corner: Points) -> None:
            value = surface.map_rgb(colour) & 0xFFFFFFFF  # pygame counts it as signed
            pixels = self._pygame.surfarray.pixels2d(surface)
            pixels[columns - int(corner[0]), rows - int(corner[1])] = value

        self._drawn(colour, np.zeros(2), np.array(self._surface.get_size()), draw)
