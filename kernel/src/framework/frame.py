"""What `render` is told about the moment it draws."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """``number`` counts frames from 0; ``time`` is simulated seconds; ``alpha`` is 0..1 between the last two steps."""

    number: int
    time: float
    alpha: float
