"""`Stage`: the bodies of a world as pymunk has them. It is made anew where bodies come, go or change.

Equal states must give equal steps, whatever went before. So the order in which pymunk looks at pairs must follow from
the state: a spatial hash, whose order follows from that of the shapes, instead of its tree, which remembers. Numbers of
shapes without gaps are part of that. Contacts are kept for one step. What the solver would carry into the next step to
push bodies apart is done at the end of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isfinite
from operator import attrgetter
from typing import Any, NamedTuple
from weakref import finalize

from fw_environment.extras import required
from fw_environment.physics import contacts
from fw_environment.physics.body import Body
from fw_environment.physics.contacts import Contact, Name
from fw_environment.physics.errors import BadBody
from fw_environment.physics.rigid import made
from fw_environment.physics.shapes import Point

_PLACE = attrgetter("x", "y", "angle", "vx", "vy", "spin")
_MAKE = attrgetter(
    "parent_id", "motion", "shapes", "mass", "friction", "elasticity", "turns", "ghost", "category", "meets"
)
_LAST = 1 << 30
"""The number of the first shape; the next ones count down. pymunk looks at low numbers first, and stacks that were
built from the ground up stand better where it begins at their top.
"""


class Hit(NamedTuple):
    """What a ray meets: the body, where, which way its surface looks, and how much of the ray lies before it."""

    body: Body
    point: Point
    normal: Point
    share: float


class Rules(NamedTuple):
    """What a stage is made for: the size of a cell, how deep bodies may overlap, and the seconds of one substep."""

    cell: float
    slop: float
    step: float


class Stage:
    """Holds a space of pymunk with all ``bodies``; ``before`` are the contacts that it begins with."""

    def __init__(self, bodies: list[Body], rules: Rules, before: Iterable[Contact]) -> None:
        self._pymunk: Any = required("pymunk", "physics")
        self.space: Any = self._pymunk.Space()
        self.space.collision_persistence = 1
        self.space.collision_slop = rules.slop
        self.space.use_spatial_hash(rules.cell, 100 + 10 * len(bodies))
        self.bodies = bodies
        self.rules = rules
        self.began: list[tuple[int, int, float]] = []
        """Contacts that began in the last step: two ids, and how fast the bodies came towards each other."""
        shapes: dict[Name, Any] = {}
        rigid: dict[int, Any] = {}
        # Static shapes first: what comes and goes later changes the numbers of as few as possible.
        number = _LAST
        for body in sorted(bodies, key=lambda body: body.motion != "static"):
            rigid[body.id], parts = made(self._pymunk, body)
            self.space.add(rigid[body.id])
            for part in parts:
                contacts.count(self.space, number)
                self.space.add(part)
                number -= 1
            shapes |= {(body.id, number): part for number, part in enumerate(parts)}
        self._names = {part._shape: name for name, part in shapes.items()}  # noqa: SLF001 - as contacts name them
        self._by_shape = {part: name[0] for name, part in shapes.items()}
        self._by_id = {body.id: body for body in bodies}
        self._moving = [(body, rigid[body.id]) for body in bodies if body.motion != "static"]
        self._made = list(map(_MAKE, bodies))
        self._still = [_PLACE(body) for body in bodies if body.motion == "static"]
        self._placed: list[Any] = []
        self._indexed = False
        held = contacts.write(self.space, before, shapes, rules.step)
        self.space.on_collision(begin=_listener(self.began, self._by_shape))
        # Nothing may be left of the contacts in the space when their memory goes.
        finalize(self, _empty, self.space, held)

    def fits(self, bodies: list[Body], rules: Rules) -> bool:
        """Whether this is still the stage for these bodies; their places may differ, if they are not static."""
        return (
            self.bodies == bodies
            and self.rules == rules
            and self._made == list(map(_MAKE, bodies))
            and self._still == [_PLACE(body) for body in bodies if body.motion == "static"]
        )

    def follow(self) -> None:
        """Put the bodies where their fields say."""
        now = [_PLACE(body) for body, _ in self._moving]
        if now == self._placed:
            return
        before = self._placed or [None] * len(now)
        for (body, rigid), place, was in zip(self._moving, now, before, strict=True):
            if place != was:
                x, y, angle, vx, vy, spin = _finite(body, place)
                rigid.position, rigid.angle = (x, y), angle
                rigid.velocity, rigid.angular_velocity = (vx, vy), spin
        self._placed, self._indexed = now, False

    def step(self, count: int) -> None:
        """Make ``count`` substeps, and tell the bodies where they are then."""
        self.began.clear()
        pushed = [(b, r) for b, r in self._moving if b.fx or b.fy or b.torque]
        for _ in range(count):
            for body, rigid in pushed:
                rigid.force, rigid.torque = (body.fx, body.fy), body.torque
            self.space.step(self.rules.step)
        for body, _ in pushed:
            body.fx = body.fy = body.torque = 0.0
        self._settle()
        self._indexed = False

    def _settle(self) -> None:
        update = self._pymunk.Body.update_position
        placed = []
        for body, rigid in self._moving:
            velocity, spin = rigid.velocity, rigid.angular_velocity
            rigid.velocity, rigid.angular_velocity = (0.0, 0.0), 0.0
            update(rigid, self.rules.step)  # moves by what the solver added to push bodies apart, and forgets it
            rigid.velocity, rigid.angular_velocity = velocity, spin
            place = (*rigid.position, rigid.angle, *velocity, spin)
            body.x, body.y, body.angle, body.vx, body.vy, body.spin = _finite(body, place)
            placed.append(place)
        self._placed = placed

    def contacts(self) -> tuple[Contact, ...]:
        """The contacts that the next step begins with."""
        return contacts.read(self.space, self._names)

    def touching(self) -> set[tuple[int, int]]:
        """Who touches whom."""
        return contacts.pairs(self.space, self._names)

    def ray(self, start: Point, end: Point, radius: float, meets: int) -> list[Hit]:
        """All bodies in the way of a ray, the first one first."""
        found = self._index().segment_query(start, end, radius, self._pymunk.ShapeFilter(mask=meets))
        hits: dict[int, Hit] = {}
        for info in sorted(found, key=attrgetter("alpha")):
            body = self._by_id[self._by_shape[info.shape]]
            hits.setdefault(body.id, Hit(body, tuple(info.point), tuple(info.normal), info.alpha))
        return sorted(hits.values(), key=lambda hit: (hit.share, hit.body.id))

    def around(self, place: Point, reach: float, meets: int) -> list[tuple[float, Body]]:
        """All bodies within ``reach`` of a place, with the distance of the place from their surface; below 0 inside."""
        found = self._index().point_query(place, reach, self._pymunk.ShapeFilter(mask=meets))
        nearest: dict[int, float] = {}
        for info in found:
            number = self._by_shape[info.shape]
            nearest[number] = min(info.distance, nearest.get(number, inf))
        return [(distance, self._by_id[number]) for distance, number in sorted(map(_turned, nearest.items()))]

    def _index(self) -> Any:
        if not self._indexed:
            for _, rigid in self._moving:
                self.space.reindex_shapes_for_body(rigid)
            self._indexed = True
        return self.space


def _turned(item: tuple[int, float]) -> tuple[float, int]:
    return item[1], item[0]


def _finite(body: Body, place: tuple[float, ...]) -> tuple[float, ...]:
    if not all(map(isfinite, place)):
        raise BadBody(body.label, f"Its place and speed are {place}.", "Look for forces or masses that are too large.")
    return place


def _listener(began: list[tuple[int, int, float]], by_shape: dict[Any, int]) -> Callable[..., None]:
    def begin(arbiter: Any, _: Any, __: Any) -> None:
        one, other = arbiter.shapes
        closing = (one.body.velocity - other.body.velocity).dot(arbiter.normal)
        first, second = by_shape[one], by_shape[other]
        began.append((min(first, second), max(first, second), max(closing, 0.0)))

    return begin


def _empty(space: Any, held: list[Any]) -> None:
    space.remove(*space.shapes, *space.bodies)
    held.clear()
