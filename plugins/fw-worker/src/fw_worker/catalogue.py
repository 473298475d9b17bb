"""All skills of a worker."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from fw_worker.bound_skill import BoundSkill
from fw_worker.capacity import TASKS, Capacity, Need
from fw_worker.errors import SkillError

ANY: Need = {TASKS: 1.0}
"""What a task takes up of which nothing is known."""


class Catalogue:
    """Skills by name. Raises `SkillError` where two have one name, or one needs more than `resources` has."""

    def __init__(self, skills: Iterable[BoundSkill], resources: Need) -> None:
        self._skills: dict[str, BoundSkill] = {}
        self.resources = resources
        for skill in skills:
            self._add(skill)
        self.names = tuple(self._skills)
        self.wire = tuple(skill.wire for skill in self._skills.values())
        self.hash = hashlib.sha256(msgspec.json.encode(self.wire, order="deterministic")).hexdigest()[:16]
        """Changes when anything of the catalogue does."""
        self._is_limited = any(len(skill.need) > 1 for skill in self)

    def __iter__(self) -> Iterator[BoundSkill]:
        return iter(self._skills.values())

    def _add(self, skill: BoundSkill) -> None:
        other = self._skills.get(skill.name)
        if other is not None:
            remedy = "Give one of them another name."
            raise SkillError(skill.name, skill.place, f"the name is taken by the one at {other.place}", remedy)
        for name, amount in skill.need.items():
            if name != TASKS and name not in skill.limit and amount > self.resources.get(name, 0):
                raise SkillError(
                    skill.name,
                    skill.place,
                    f"it uses {amount:g} of {name!r}, and the worker has {self.resources.get(name, 0):g}",
                    f'Say how much there is: [worker] resources = ["{name}={amount:g}"].',
                )
        self._skills[skill.name] = skill

    def find(self, name: str) -> BoundSkill | None:
        """The skill of that name, or None."""
        return self._skills.get(name)

    def limits(self, concurrency: int) -> Need:
        """How much may run at a time."""
        own = {name: float(limit) for skill in self for name, limit in skill.limit.items()}
        return {TASKS: float(concurrency), **self.resources, **own}

    def available(self, capacity: Capacity) -> tuple[str, ...]:
        """Names of the skills of which another task may start now."""
        if not capacity.suffices(ANY):
            return ()
        if not self._is_limited:
            return self.names
        return tuple(skill.name for skill in self if capacity.suffices(skill.need))
