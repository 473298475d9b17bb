"""`Window`: opens with the application, and closes it when it is closed."""

from __future__ import annotations

import os
from typing import Any

from framework import App, Component
from framework.clock import Frame as Moment
from framework.errors import FrameworkError
from fw_environment import Environment
from fw_environment.drawing import PygameRenderer, View
from trained_agent.picture import SIZE, view


class Window(Component):
    """A window of pygame; :meth:`draw` stands in `env.renderers`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pygame: Any = None
        self._view: View | None = None

    def start(self) -> None:
        """Open it."""
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame

        self._pygame = pygame
        try:
            pygame.display.init()
            self._view = view(PygameRenderer(pygame.display.set_mode(SIZE)))
        except pygame.error as error:
            pygame.display.quit()
            raise FrameworkError(f"There is no window: {error}.", remedy="Set DISPLAY, or use --headless.") from error
        pygame.display.set_caption("Ships that have learned to dock")

    def draw(self, world: Environment, moment: Moment) -> None:
        """Draw the world, and let it be seen. Whoever closes the window stops the application."""
        if self._view is not None:
            self._view(world, moment)
            self._pygame.display.flip()
            if any(event.type == self._pygame.QUIT for event in self._pygame.event.get()):
                self._app.request_stop("The window was closed.")

    def stop(self) -> None:
        """Close it."""
        self._view = None
        self._pygame.display.quit()
