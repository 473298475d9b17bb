"""What the land looks like, and how many lived on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fw_environment import Camera, DrawList, Environment
from fw_environment.drawing import ArrayRenderer, Colour, Film, Frame, View
from predator_prey.animals import Foxes, Hares
from predator_prey.land import SIDE, Animals, Land

EARTH: Colour = (58, 46, 34)
COLOURS: Mapping[type[Animals], Colour] = {Hares: (236, 232, 220), Foxes: (240, 110, 40)}
SEEN = 80.0
"""Metres of a side of the part of the land that a film shows."""


def paint(env: Environment, picture: DrawList, alpha: float) -> None:
    """Grass, and each animal as a dot."""
    land = env.system(Land)
    row, cell = np.divmod(np.flatnonzero(land.bare == 0), SIDE)
    picture.dots(np.stack([cell + 0.5, row + 0.5], axis=1), (62, 104, 52), 3)
    for kind, colour in COLOURS.items():
        animals = env.system(kind)
        picture.dots(np.stack([animals.x, animals.y], axis=1), colour, 3)


def filmed(film: Film, every: int = 1) -> View:
    """A view of the middle of the land, for `env.renderers`."""
    camera = Camera((240, 240), centre=(SIDE / 2, SIDE / 2), zoom=240 / SEEN)
    return View(paint, camera, ArrayRenderer(), film.add, every=every, background=EARTH)


def curves(columns: Mapping[str, Sequence[Any]], size: tuple[int, int] = (480, 200)) -> Frame:
    """The numbers of animals over time."""
    width, height = size
    picture = DrawList(background=(24, 26, 30))
    most = max([1, *columns["hares"], *columns["foxes"]])
    days = max(columns["time"][-1], 1.0)
    for place, (name, colour) in enumerate((kind.__name__.lower(), colour) for kind, colour in COLOURS.items()):
        points = [
            (10 + (width - 20) * day / days, height - 10 - (height - 40) * count / most)
            for day, count in zip(columns["time"], columns[name], strict=True)
        ]
        picture.line(points, colour, 2, screen=True)
        picture.text((10 + 80 * place, 8), name, colour, 12, screen=True)
    picture.text((width - 120, 8), f"{days:g} days", (150, 150, 150), 12, screen=True)
    return ArrayRenderer().draw(picture, Camera(size))
