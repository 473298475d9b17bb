"""Makes pymunk's bodies and shapes of ours."""

from __future__ import annotations

from math import fsum, inf, isfinite
from typing import Any

from fw_environment.physics.body import Body
from fw_environment.physics.errors import BadBody
from fw_environment.physics.shapes import Solid, solid


def made(pymunk: Any, body: Body) -> tuple[Any, list[Any]]:
    """A body of pymunk and its shapes; `BadBody` where they cannot be. Its place is set, its velocity is not."""
    if body.parent_id:
        raise BadBody(body.label, "It is a part of another entity.", "Spawn it without a parent.")
    solids = [solid(shape, body.label) for shape in body.shapes]
    if body.motion == "dynamic":
        rigid = pymunk.Body(body.mass, _moment(pymunk, body, solids))
    elif body.motion in {"kinematic", "static"}:
        rigid = pymunk.Body(body_type=getattr(pymunk.Body, body.motion.upper()))
    else:
        raise BadBody(body.label, f"Its motion is {body.motion!r}.", 'It moves as "dynamic", "kinematic" or "static".')
    rigid.position, rigid.angle = (body.x, body.y), body.angle
    parts = [_part(pymunk, rigid, found) for found in solids]
    meeting = pymunk.ShapeFilter(categories=body.category, mask=body.meets)
    for part in parts:
        part.friction, part.elasticity = body.friction, body.elasticity
        part.sensor, part.filter = body.ghost, meeting
    return rigid, parts


def _part(pymunk: Any, rigid: Any, found: Solid) -> Any:
    match found.points:
        case (centre,):
            return pymunk.Circle(rigid, found.radius, centre)
        case (start, end):
            return pymunk.Segment(rigid, start, end, found.radius)
    return pymunk.Poly(rigid, found.points)


def _moment(pymunk: Any, body: Body, solids: list[Solid]) -> float:
    if not (isfinite(body.mass) and body.mass > 0):
        raise BadBody(body.label, f"Its mass is {body.mass!r}.", 'Give it a mass above 0, or motion="static".')
    if not solids:
        raise BadBody(body.label, "It has no shape.", "Give shapes=, such as (circle(0.5),).")
    if not body.turns:
        return inf
    areas = [_area(pymunk, found) for found in solids]
    whole = fsum(areas)
    shares = [area / whole if whole else 1 / len(areas) for area in areas]
    moments = [_moment_of(pymunk, body.mass * share, found) for share, found in zip(shares, solids, strict=True)]
    return fsum(moments)


def _area(pymunk: Any, found: Solid) -> float:
    match found.points:
        case (_,):
            return float(pymunk.area_for_circle(0, found.radius))
        case (start, end):
            return float(pymunk.area_for_segment(start, end, found.radius))
    return abs(float(pymunk.area_for_poly(found.points)))


def _moment_of(pymunk: Any, mass: float, found: Solid) -> float:
    match found.points:
        case (centre,):
            return float(pymunk.moment_for_circle(mass, 0, found.radius, centre))
        case (start, end):
            return float(pymunk.moment_for_segment(mass, start, end, found.radius))
    return abs(float(pymunk.moment_for_poly(mass, found.points)))
