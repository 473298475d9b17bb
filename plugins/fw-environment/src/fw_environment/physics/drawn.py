"""Bodies as commands of a draw list."""

from __future__ import annotations

from math import cos, hypot, sin

from fw_environment.drawing.commands import Colour
from fw_environment.drawing.draw_list import DrawList
from fw_environment.physics.body import Body
from fw_environment.physics.shapes import Point, Solid, solid

_HAIR = 2.0
"""Pixels of a line that has no thickness."""


def draw(
    picture: DrawList,
    body: Body,
    colour: Colour,
    *,
    place: tuple[float, float, float] | None = None,
    layer: int = 0,
) -> None:
    """Add the shapes of ``body`` to a picture: where it is, or at another ``place`` (x, y and angle), such as the one
    that `Environment.interpolation` gives.
    """
    x, y, angle = place or (body.x, body.y, body.angle)
    c, s = cos(angle), sin(angle)
    for shape in body.shapes:
        found = solid(shape, body.label)
        points = tuple([(x + u * c - v * s, y + u * s + v * c) for u, v in found.points])
        _add(picture, found._replace(points=points), colour, layer)


def _add(picture: DrawList, found: Solid, colour: Colour, layer: int) -> None:
    match found.points:
        case (centre,):
            picture.circle(centre, found.radius, colour, layer=layer)
        case (start, end) if found.radius:
            picture.polygon(_bar(start, end, found.radius), colour, layer=layer)
            for point in found.points:
                picture.circle(point, found.radius, colour, layer=layer)
        case (start, end):
            picture.line(found.points, colour, _HAIR, layer=layer)
        case points:
            picture.polygon(points, colour, layer=layer)


def _bar(start: Point, end: Point, radius: float) -> list[Point]:
    (x, y), (u, v) = start, end
    length = hypot(u - x, v - y)
    across, along = (y - v) / length * radius, (u - x) / length * radius
    return [(x + across, y + along), (u + across, v + along), (u - across, v - along), (x - across, y - along)]
