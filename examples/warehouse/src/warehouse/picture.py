"""What the warehouse looks like."""

from __future__ import annotations

from collections.abc import Callable

from fw_environment import Camera, DrawList, Environment
from fw_environment.drawing import ArrayRenderer, Frame, View
from warehouse.floor import DOCKS, GRID, HOMES, SHELVES, Orders
from warehouse.robot import Robot

CELL = 16
"""Pixels of a cell's side."""
COLOURS = ((230, 120, 90), (110, 180, 240), (240, 200, 80), (150, 210, 120), (200, 140, 230), (120, 220, 210))


def paint(env: Environment, picture: DrawList, alpha: float) -> None:
    """Shelves, docks, what is ordered, robots with their ways."""
    for places, colour in ((SHELVES, (92, 84, 76)), (DOCKS, (60, 110, 70)), (HOMES, (52, 64, 92))):
        for x, y in places:
            picture.rect((x - 0.47, y - 0.47), (0.94, 0.94), colour)
    for x, y in env.system(Orders).waiting:
        picture.rect((x - 0.15, y - 0.15), (0.3, 0.3), (214, 170, 110))
    for robot in env.of(Robot):
        x, y, _ = env.interpolation.place(robot, alpha)
        colour = COLOURS[robot.number % len(COLOURS)]
        if robot.route:
            picture.line([(x, y), *robot.route], (*colour, 110), 2, layer=1)
        if robot.order and not robot.loaded:
            picture.rect((robot.order[0] - 0.2, robot.order[1] - 0.2), (0.4, 0.4), colour, layer=1)
        picture.circle((x, y), 0.42, colour, layer=2)
        if robot.loaded:
            picture.rect((x - 0.2, y - 0.2), (0.4, 0.4), (120, 84, 40), layer=3)
    picture.text((6, 4), f"{env.system(Orders).delivered} delivered", (235, 235, 235), 12, layer=4, screen=True)


def view(show: Callable[[Frame], object], every: int = 1) -> View:
    """A view of the whole warehouse, for `env.renderers`."""
    size = (int(GRID.width), int(GRID.height))
    camera = Camera((size[0] * CELL, size[1] * CELL), centre=(size[0] / 2, size[1] / 2), zoom=CELL)
    return View(paint, camera, ArrayRenderer(), show, every=every, background=(30, 32, 36))
