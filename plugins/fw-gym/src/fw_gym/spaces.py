"""Spaces of a world as spaces of Gymnasium, and values from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium import spaces as gym

from fw_environment import Box, Dict, Discrete, Space
from fw_gym.errors import BadTask

GymSpace = gym.Space[Any]


def gym_space(space: Space) -> GymSpace:
    """The same set of values. Numbers are float64, so that nothing is rounded on the way."""
    if isinstance(space, Box):
        return gym.Box(space.low, space.high, () if space.shape is None else (space.shape,), np.float64)
    if isinstance(space, Discrete):
        return gym.Discrete(space.n)
    if isinstance(space, Dict):
        return gym.Dict({name: gym_space(part) for name, part in space.spaces.items()})
    raise BadTask(repr(space), "Gymnasium has no such space.", "Use Box, Discrete and Dict.")


def encoder(space: Space) -> Callable[[Any], Any]:
    """A function from plain data of ``space`` to a new value of :func:`gym_space`."""
    if isinstance(space, Box):
        return _array
    if isinstance(space, Discrete):
        return np.int64
    parts = {name: encoder(part) for name, part in _parts(space)}
    return lambda value: {name: encode(value[name]) for name, encode in parts.items()}


def _array(value: Any) -> Any:
    return np.array(value, np.float64)


def decoder(space: Space) -> Callable[[Any], Any]:
    """A function back to plain data; effectors check it against the space."""
    if isinstance(space, Box):
        return _number if space.shape is None else _numbers
    if isinstance(space, Discrete):
        return int
    parts = {name: decoder(part) for name, part in _parts(space)}
    return lambda value: {name: decode(value[name]) for name, decode in parts.items()}


def _number(value: Any) -> float:
    return float(np.asarray(value).item())


def _numbers(value: Any) -> Any:
    return np.asarray(value, np.float64).tolist()


def _parts(space: Space) -> Any:
    if not isinstance(space, Dict):
        raise BadTask(repr(space), "Gymnasium has no such space.", "Use Box, Discrete and Dict.")
    return space.spaces.items()
