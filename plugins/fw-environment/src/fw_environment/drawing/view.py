"""From a world to its frames: what a world calls when it draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fw_environment.drawing.commands import Colour
from fw_environment.drawing.draw_list import DrawList
from fw_environment.drawing.renderer import Frame, Renderer

if TYPE_CHECKING:
    from framework.clock import Frame as Moment
    from fw_environment.drawing.camera import Camera
    from fw_environment.environment import Environment

Paint = Callable[["Environment", DrawList, float], object]


class View:
    """Stands in `env.renderers`: a draw list filled anew for each frame, drawn through a camera, shown.

    `paint(env, picture, alpha)` puts into the picture what is seen, `alpha` of the way through the last step (see
    `env.interpolation.place`); it only reads. `show` takes each frame: `film.add`, or a function that streams it.
    Without it the renderer paints only, as one with a window does. With `every`, only steps whose number is a multiple
    of it are drawn: a film of a world that runs as fast as it can.
    """

    def __init__(
        self,
        paint: Paint,
        camera: Camera,
        renderer: Renderer,
        show: Callable[[Frame], object] | None = None,
        *,
        every: int = 1,
        background: Colour = (0, 0, 0),
    ) -> None:
        if every < 1:
            raise ValueError(f"every {every} steps nothing would be drawn; give 1 or more")
        self.camera = camera
        self.picture = DrawList(background=background)
        self._paint = paint
        self._renderer = renderer
        self._show = show
        self._every = every

    def __call__(self, env: Environment, moment: Moment) -> None:
        """Draw the world at a moment of its clock."""
        if env.tick % self._every:
            return
        self._fill(env, moment.alpha)
        if self._show is None:
            self._renderer.paint(self.picture, self.camera)
        else:
            self._show(self._renderer.draw(self.picture, self.camera))

    def frame(self, env: Environment) -> Frame:
        """The world as it stands now, shown to nobody."""
        self._fill(env, 1.0)
        return self._renderer.draw(self.picture, self.camera)

    def _fill(self, env: Environment, alpha: float) -> None:
        self.picture.clear()
        self._paint(env, self.picture, alpha)
