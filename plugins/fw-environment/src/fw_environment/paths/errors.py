"""What goes wrong on the way from one place to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fw_environment.errors import EnvironmentFault

if TYPE_CHECKING:
    from fw_environment.paths.path import Path


class PathFault(EnvironmentFault):
    """Base class of what path finding raises. That there is no way is no fault: then a search gives None."""


class InvalidMap(PathFault):
    """A grid or mesh cannot be made of what was given; the message names the place and what is allowed there."""


class OutsideMap(PathFault):
    """A `place`, given as the `role` (start, goal), lies on no part of the map."""

    def __init__(self, role: str, place: tuple[float, float], extent: str) -> None:
        super().__init__(f"the {role} {place} lies outside the map, which covers {extent}")
        self.role, self.place = role, place


class BlockedPlace(PathFault):
    """A `place`, given as the `role` (start, goal), lies in a wall."""

    def __init__(self, role: str, place: tuple[float, float], cell: tuple[int, int]) -> None:
        super().__init__(f"the {role} {place} lies in cell {cell}, which is a wall; ask for a free place beside it")
        self.role, self.place, self.cell = role, place, cell


class UnevenMap(PathFault):
    """A finder needs a grid whose free cells all weigh the same, with diagonal steps."""


class BudgetSpent(PathFault):
    """A search has looked at `budget` cells without an answer; `nearest` leads as far towards the goal as it came."""

    def __init__(self, budget: int, nearest: Path) -> None:
        super().__init__(
            f"no answer within the budget of {budget}; give a larger budget, or go the way in `nearest` and ask again"
        )
        self.budget, self.nearest = budget, nearest
