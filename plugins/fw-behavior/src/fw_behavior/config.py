"""The settings of section `[behavior]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BehaviorSettings:
    """``page``: the path of the live page, such as ``/behavior``; without one there is none, and trees are not recorded
    for it. ``history``: how many ticks of each tree it can go back.
    """

    page: str = ""
    history: int = 500

    def __post_init__(self) -> None:
        if self.page and (not self.page.startswith("/") or self.page.endswith("/")):
            raise ValueError(f"page must be a path such as '/behavior', not {self.page!r}")
        if self.history < 1:
            raise ValueError(f"history must be at least 1, not {self.history}")
