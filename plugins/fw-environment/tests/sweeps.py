"""What the sweeps of the tests run: other processes import it by this name."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

zoo: Any = import_module("zoo")
"""Lies beside this file, where other processes import it."""


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
