"""Shapes of bodies as plain data, so that they are fields of entities and stand in templates."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple

from fw_environment.physics.errors import BadBody

Point = tuple[float, float]
Shape = tuple[Any, ...]
"""``("circle", radius[, centre])``, ``("box", width, height[, centre])``, ``("polygon", points)`` or
``("line", start, end[, radius])``; places are those of the body at angle 0."""


def circle(radius: float, at: Point = (0.0, 0.0)) -> Shape:
    """A disc around ``at``."""
    return ("circle", radius, at)


def box(width: float, height: float, at: Point = (0.0, 0.0)) -> Shape:
    """A rectangle whose middle is ``at``."""
    return ("box", width, height, at)


def polygon(points: Sequence[Point]) -> Shape:
    """A convex polygon; one that is not is made of several."""
    return ("polygon", tuple(points))


def line(start: Point, end: Point, radius: float = 0.0) -> Shape:
    """A line with round ends, ``radius`` thick on each side: ground, walls, sticks."""
    return ("line", start, end, radius)


_REST: dict[tuple[str, int], tuple[Any, ...]] = {
    ("circle", 1): ((0.0, 0.0),),
    ("box", 2): ((0.0, 0.0),),
    ("line", 2): (0.0,),
}
"""What a shape with so many values leaves out."""


class Solid(NamedTuple):
    """A shape as it is built: a disc (one point), a line (two), or a convex polygon."""

    points: tuple[Point, ...]
    radius: float = 0.0


def solid(shape: Any, label: str) -> Solid:
    """What a shape says, checked; `BadBody` names the body where it says nothing that can be."""
    try:
        found = _solid(*shape)
    except (TypeError, ValueError) as error:
        raise BadBody(label, f"{shape!r} is no shape.", "Make it with circle, box, polygon or line.") from error
    numbers = [found.radius, *(number for point in found.points for number in point)]
    if not all(isfinite(number) for number in numbers):
        raise BadBody(label, f"{shape!r} holds what is no number.", "Give numbers.")
    if found.radius < 0 or not _extent(found):
        raise BadBody(label, f"{shape!r} has no extent.", "Make it larger than nothing.")
    if len(found.points) > 2 and not _convex(found.points):
        raise BadBody(label, f"{shape!r} is not convex.", "Make it of several convex polygons.")
    return found


def _solid(kind: str, *values: Any) -> Solid:
    match (kind, *values, *_REST.get((kind, len(values)), ())):
        case ("circle", radius, (x, y)):
            return Solid(((float(x), float(y)),), float(radius))
        case ("box", width, height, (x, y)):
            right, top = float(width) / 2, float(height) / 2
            return Solid(((x - right, y - top), (x + right, y - top), (x + right, y + top), (x - right, y + top)))
        case ("polygon", [_, _, _, *_] as points):
            return Solid(tuple([(float(x), float(y)) for x, y in points]))
        case ("line", (x, y), (u, v), radius):
            return Solid(((float(x), float(y)), (float(u), float(v))), float(radius))
    raise ValueError(kind)


def _extent(found: Solid) -> float:
    if len(found.points) == 1:
        return found.radius
    xs, ys = [x for x, _ in found.points], [y for _, y in found.points]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    return max(width, height) if len(found.points) == 2 else min(width, height)


def _convex(points: tuple[Point, ...]) -> bool:
    around = [*points[-2:], *points, points[0]][1:]
    bends = [
        (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
        for (x0, y0), (x1, y1), (x2, y2) in zip(around, around[1:], around[2:], strict=False)
    ]
    return all(bend > 0 for bend in bends) or all(bend < 0 for bend in bends)
