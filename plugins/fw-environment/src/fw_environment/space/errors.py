"""What goes wrong in indexes of space."""

from __future__ import annotations

from fw_environment.errors import EnvironmentFault


class SpaceFault(EnvironmentFault):
    """Base class of what indexes raise."""


class InvalidPlaces(SpaceFault):
    """Places, radii or sizes of cells that no index can be made of."""


class UnknownItem(SpaceFault):
    """An `item` was named that is not in the index."""

    def __init__(self, item: object) -> None:
        super().__init__(f"{item!r} is not in the index; add it first")
        self.item = item


class ItemTwice(SpaceFault):
    """An `item` was added that is in the index already."""

    def __init__(self, item: object) -> None:
        super().__init__(f"{item!r} is in the index already; move it, or remove it first")
        self.item = item
