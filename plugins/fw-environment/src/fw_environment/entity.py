"""`EnvironmentEntity`: what a world consists of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from fw_environment.errors import NotNow, UnknownName
from fw_environment.fields import Stated, kind_of
from fw_environment.stream import Stream

if TYPE_CHECKING:
    from fw_environment.environment import Environment


class EnvironmentEntity(Stated):
    """A thing in a world: a name, tags, a place, children. Its state is the annotated names of its class.

    ``x``, ``y`` and ``angle`` (radians) are relative to the parent. Other entities are referred to by their ``id``.
    """

    kind: ClassVar[str] = "Entity"

    id: int = 0
    name: str = ""
    parent_id: int = 0
    tags: tuple[str, ...] = ()
    template: str = ""
    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    _env: Any = None
    _children: tuple[Any, ...] = ()
    _rng: Any = None

    def on_spawn(self) -> None:
        """Called once, when the entity has come into the world."""

    def on_update(self, dt: float) -> None:
        """Called in every step. Entities that do not override it cost nothing in a step."""

    def on_despawn(self) -> None:
        """Called once, when the entity has left the world."""

    @property
    def env(self) -> Environment:
        """The world that the entity is in; `NotNow` where it is in none."""
        if self._env is None:
            raise NotNow(f"{self.label} is in no world.", "Spawn it first.")
        env: Environment = self._env
        return env

    @property
    def alive(self) -> bool:
        """Whether the entity is in a world."""
        return self._env is not None

    @property
    def label(self) -> str:
        """What messages call it: ``Bear 3 'teddy'``."""
        return f"{kind_of(type(self))} {self.id}" + (f" {self.name!r}" if self.name else "")

    @property
    def rng(self) -> Stream:
        """The entity's own stream of random numbers."""
        if self._rng is None:
            self._rng = self.env.stream(f"entity/{self.id}")
        stream: Stream = self._rng
        return stream

    @property
    def parent(self) -> EnvironmentEntity | None:
        """What it is a part of."""
        return self.env.entities[self.parent_id] if self.parent_id else None

    @property
    def children(self) -> tuple[EnvironmentEntity, ...]:
        """Its parts, in the order in which they came."""
        return self._children

    def add(self, child: EnvironmentEntity) -> EnvironmentEntity:
        """Spawn ``child`` as a part of this entity."""
        return self.env.spawn(child, parent=self)

    def family(self) -> Iterator[EnvironmentEntity]:
        """The entity and all its parts, parents first."""
        yield self
        for child in self._children:
            yield from child.family()

    def find(self, path: str) -> EnvironmentEntity:
        """The part at a path of names: ``find("cart/wheel")``; `UnknownName` where there is none."""
        place: EnvironmentEntity = self
        for name in path.split("/"):
            place = named(place.children, name, f"Parts of {place.label} have these names only.")
        return place

    @property
    def world_place(self) -> tuple[float, float, float]:
        """``x``, ``y`` and ``angle`` in the world, parents taken into account."""
        parent = self.parent
        if parent is None:
            return self.x, self.y, self.angle
        x, y, angle = parent.world_place
        cos, sin = math.cos(angle), math.sin(angle)
        return x + self.x * cos - self.y * sin, y + self.x * sin + self.y * cos, angle + self.angle


def named(entities: tuple[EnvironmentEntity, ...], name: str, remedy: str) -> EnvironmentEntity:
    """The first entity of this name."""
    for entity in entities:
        if entity.name == name:
            return entity
    raise UnknownName("entity", name, [entity.name for entity in entities if entity.name], remedy)
