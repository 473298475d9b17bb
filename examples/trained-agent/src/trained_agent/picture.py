"""What the harbour looks like."""

from __future__ import annotations

from collections.abc import Callable
from math import sin

from fw_environment import Camera, DrawList, Environment, EnvironmentEntity, Pawn
from fw_environment.drawing import Frame, Renderer, View
from trained_agent.harbour import Berth, Harbour

SIZE = (640, 360)
ZOOM = 125
"""Pixels from a berth to a ship that is 1 away."""
ROW = 0.5
"""How far apart the rows are drawn."""
WATER, PIER, FREE = (18, 40, 62), (92, 84, 76), (44, 74, 100)
SHIP, DOCKED, FLAME = (240, 180, 60), (110, 210, 120), (250, 110, 60)


def paint(env: Environment, picture: DrawList, alpha: float) -> None:
    """Berths, and ships with the fire of their engines; above, how many have docked."""
    for berth in env.of(Berth):
        row = berth.y * ROW
        picture.line([(-2, row), (2, row)], FREE, 1)
        picture.rect((-0.1, row - 0.16), (0.2, 0.32), PIER)
        for ship in berth.children:
            _ship(env, picture, ship, alpha)
    harbour = env.system(Harbour)
    text = f"{harbour.docked} docked   {harbour.lost} lost   of {harbour.wanted}"
    picture.text((10, 8), text, (235, 235, 235), 16, layer=4, screen=True)


def _ship(env: Environment, picture: DrawList, ship: EnvironmentEntity, alpha: float) -> None:
    x, y, _ = env.interpolation.place(ship, alpha)
    row = y * ROW
    engine = ship.acts.get("control") if isinstance(ship, Pawn) and ship.controller is not None else None
    if engine is not None and engine.action.params != 1:
        side = -1 if engine.action.params == 2 else 1
        length = 0.16 + 0.03 * sin(40 * (env.time + alpha * env.dt))
        picture.polygon(
            [(x + 0.08 * side, row - 0.04), (x + 0.08 * side, row + 0.04), (x + (0.08 + length) * side, row)],
            FLAME,
            layer=1,
        )
    free = isinstance(ship, Pawn) and ship.controller is None
    picture.circle((x, row), 0.085, DOCKED if free else SHIP, layer=2)


def view(renderer: Renderer, show: Callable[[Frame], object] | None = None, every: int = 1) -> View:
    """A view of the whole harbour, for `env.renderers`; of a window if nobody is shown the frames."""
    camera = Camera(SIZE, centre=(0.0, 1.0), zoom=ZOOM)
    return View(paint, camera, renderer, show, every=every, background=WATER)
