"""`Physics`: the system that moves the bodies of a world."""

from __future__ import annotations

from typing import Any, ClassVar

from fw_environment.extras import required
from fw_environment.physics.body import Body
from fw_environment.physics.contacts import Contact
from fw_environment.physics.errors import BadBody
from fw_environment.physics.shapes import Point
from fw_environment.physics.stage import Hit, Rules, Stage
from fw_environment.system import System

_ALL = 0xFFFFFFFF


class Physics(System):
    """Moves all `Body` entities of the world, one step of the world at a time in ``substeps`` parts.

    What it tells, as events of the world where a handler is declared: ``touch(one, other, speed)`` when two bodies
    begin to touch, with their ids and how fast they came together, and ``part(one, other)`` when they no longer do.

    ``damping`` is the share of its speed that a body keeps in a second, ``cell`` about the size of most bodies,
    ``slop`` how deep bodies may overlap, ``iterations`` how hard the solver tries. ``touching`` has the pairs that
    touch now.
    """

    kind: ClassVar[str] = "Physics"

    gravity: Point = (0.0, 0.0)
    damping: float = 1.0
    substeps: int = 4
    iterations: int = 10
    cell: float = 1.0
    slop: float = 0.01
    touching: tuple[tuple[int, int], ...] = ()
    _stage: Any = None
    _contacts: Any = ()
    _bodies: Any = ()
    _counted: Any = None

    def __init__(self, **values: Any) -> None:
        required("pymunk", "physics")
        super().__init__(**values)
        if self.substeps < 1 or self.iterations < 1 or not self.cell > 0 or not self.slop >= 0:
            raise BadBody(
                f"System {self.name!r}",
                f"substeps={self.substeps}, iterations={self.iterations}, cell={self.cell}, slop={self.slop}.",
                "The first three are above 0, the last is no less than 0.",
            )

    def update(self, dt: float) -> None:
        """One step."""
        stage = self._staged()
        space = stage.space
        space.gravity, space.damping, space.iterations = self.gravity, self.damping, self.iterations
        stage.step(self.substeps)
        self._tell(stage)

    def _tell(self, stage: Stage) -> None:
        before, now = {*self.touching}, stage.touching()
        speeds: dict[tuple[int, int], float] = {}
        for one, other, speed in stage.began:
            if (one, other) not in before:
                speeds[one, other] = max(speed, speeds.get((one, other), 0.0))
        self.touching = tuple(sorted(now))
        events, env = self.env.events, self.env
        end = (env.tick + 1) * env.dt  # the events of this step come next
        if "touch" in events.handlers:
            for (one, other), speed in sorted(speeds.items()):
                events.at(end, "touch", one, other, speed)
        if "part" in events.handlers:
            for one, other in sorted(({*before} | {*speeds}) - now):
                events.at(end, "part", one, other)

    def touches(self, body: Body) -> list[Body]:
        """The bodies that touched ``body`` in the last step, in the order in which they came into the world."""
        entities: dict[int, Any] = self.env.entities
        others = [other if one == body.id else one for one, other in self.touching if body.id in {one, other}]
        return [entities[number] for number in sorted(others) if number in entities]

    def ray(self, start: Point, end: Point, *, radius: float = 0.0, meets: int = _ALL) -> list[Hit]:
        """The bodies between two places as they are now, the first one first; ``radius`` makes the ray thick."""
        return self._staged().ray(start, end, radius, meets)

    def around(self, place: Point, reach: float = 0.0, *, meets: int = _ALL) -> list[tuple[float, Body]]:
        """The bodies whose surface is no farther than ``reach`` from a place, the nearest first, with their distance: 0
        and less inside of them.
        """
        return self._staged().around(place, reach, meets)

    def _staged(self) -> Stage:
        env = self.env
        counted = (env.last_ids[0], len(env.entities))
        if counted != self._counted:
            self._counted, self._bodies = counted, list(env.of(Body))
        rules = Rules(self.cell, self.slop, env.dt / self.substeps)
        stage: Stage | None = self._stage
        if stage is None or not stage.fits(self._bodies, rules):
            stage = self._stage = Stage(self._bodies, rules, self._kept())
        stage.follow()
        return stage

    def _kept(self) -> tuple[Contact, ...]:
        kept: tuple[Contact, ...] = self._contacts if self._stage is None else self._stage.contacts()
        entities = self.env.entities
        return tuple([contact for contact in kept if contact[0] in entities and contact[2] in entities])

    def save(self) -> Any:
        """The contacts: the next step begins with their impulses."""
        return self._kept()

    def load(self, saved: Any) -> None:
        """Begin the next step with these contacts."""
        self._stage = self._counted = None
        self._contacts = saved
