"""What the sweeps of the tests run: other processes import it by this name."""

from __future__ import annotations

import os
from typing import Any

import zoo  # type: ignore[import-not-found]  # beside it, where it runs


def graze(speed: float, bears: int, seed: int) -> dict[str, Any]:
    """A second of the zoo."""
    env = zoo.zoo(seed, bears=bears)
    for bear in env.of(zoo.Bear):
        bear.speed = speed
    env.run(until=1.0)
    return {"hash": env.hash().hex(), "process": os.getpid()}


def fail(speed: float, seed: int) -> dict[str, Any]:
    """Fails for one of the parameters."""
    if speed == 2.0:
        raise ValueError("too fast")
    return {"ok": True}


def die(speed: float, seed: int) -> dict[str, Any]:
    """Ends the whole process."""
    os._exit(3)
