# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""Section ``[chimes]``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChimesSettings:
    """``sound`` is what a bell says."""

    sound: str = "dong"
