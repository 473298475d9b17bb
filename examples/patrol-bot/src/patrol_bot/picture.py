"""What the yard looks like."""

from __future__ import annotations

from collections.abc import Callable

from fw_behavior import RUNNING
from fw_environment import Camera, DrawList, Environment, TreeController
from fw_environment.drawing import ArrayRenderer, Frame, View
from patrol_bot.yard import PLACES, SIGHT, Bot, Fox


def paint(env: Environment, picture: DrawList, alpha: float) -> None:
    """Places, foxes, the bot with what it sees; above, the nodes of its tree that are running."""
    for x, y in PLACES.values():
        picture.circle((x, y), 0.5, (84, 94, 78))
    for fox in env.of(Fox):
        x, y, _ = env.interpolation.place(fox, alpha)
        picture.circle((x, y), 0.35, (240, 120, 50), layer=2)
    for bot in env.of(Bot):
        x, y, _ = env.interpolation.place(bot, alpha)
        picture.circle((x, y), SIGHT, (110, 170, 240, 40), layer=1)
        picture.circle((x, y), 0.5, (110, 170, 240), layer=3)
        if isinstance(bot.controller, TreeController):
            running = [path for path, status in bot.controller.tree.statuses.items() if status is RUNNING]
            picture.text((6, 5), running[-1] if running else "", (230, 230, 230), 12, layer=4, screen=True)
        picture.text((300, 5), f"{bot.caught} caught", (230, 230, 230), 12, layer=4, screen=True)


def view(show: Callable[[Frame], object], every: int = 1) -> View:
    """A view of the whole yard, for `env.renderers`."""
    camera = Camera((384, 256), centre=(12, 8), zoom=16)
    return View(paint, camera, ArrayRenderer(), show, every=every, background=(40, 46, 38))
