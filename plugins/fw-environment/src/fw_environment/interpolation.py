"""`Interpolation`: where things are between two steps, for who draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fw_environment.entity import EnvironmentEntity
    from fw_environment.environment import Environment


class Interpolation:
    """Keeps where every entity was before the last step, while ``on``. It belongs to the drawing, not to the state."""

    def __init__(self, env: Environment) -> None:
        self.on = False
        self._env = env
        self._before: dict[int, tuple[float, float, float]] = {}

    def keep(self) -> None:
        """Called at the beginning of a step."""
        if self.on:
            self._before = {entity.id: entity.world_place for entity in self._env.entities.values()}

    def forget(self) -> None:
        """Nothing was before: called by a restore."""
        self._before = {}

    def place(self, entity: EnvironmentEntity, alpha: float) -> tuple[float, float, float]:
        """``x``, ``y`` and ``angle`` in the world, ``alpha`` of the way through the last step; angles the short way."""
        x, y, angle = entity.world_place
        before = self._before.get(entity.id)
        if before is None:
            return x, y, angle
        turn = math.remainder(angle - before[2], math.tau)
        rest = 1.0 - alpha
        return x + (before[0] - x) * rest, y + (before[1] - y) * rest, angle - turn * rest
