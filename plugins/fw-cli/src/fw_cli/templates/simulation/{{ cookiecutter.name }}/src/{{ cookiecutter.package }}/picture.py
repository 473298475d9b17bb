"""What the world looks like."""

from math import cos, sin

import numpy as np
from fw_environment import Camera, DrawList, Environment
from fw_environment.drawing import ArrayRenderer, Film, View

from {{ cookiecutter.package }}.grass import Grass
from {{ cookiecutter.package }}.sheep import Sheep

SIZE = 240
"""Pixels of a side."""


def paint(env: Environment, picture: DrawList, alpha: float) -> None:
    """Grass in shades of green, sheep in white with a black nose."""
    grass = env.system(Grass)
    shades = np.round(grass.height * 12).astype(int)
    for shade in np.unique(shades).tolist():
        row, column = np.divmod(np.flatnonzero(shades == shade), grass.side)
        middles = np.stack([column + 0.5, row + 0.5], axis=1)
        picture.dots(middles, (30, 60 + 12 * shade, 40), SIZE // grass.side)
    for sheep in env.of(Sheep):
        x, y, angle = env.interpolation.place(sheep, alpha)
        picture.circle((x, y), 0.3, (240, 240, 235), layer=1)
        picture.circle((x + 0.3 * cos(angle), y + 0.3 * sin(angle)), 0.12, (20, 20, 20), layer=1)


def filmed(film: Film, side: float, every: int = 1) -> View:
    """A view of the whole meadow, for `env.renderers`: every so many steps a frame goes into the film."""
    camera = Camera((SIZE, SIZE), centre=(side / 2, side / 2), zoom=SIZE / side)
    return View(paint, camera, ArrayRenderer(), film.add, every=every)
