"""`Window`: opens with the application, and closes it when it is closed."""

from __future__ import annotations

import os
from typing import Any

from framework import App, Component
from framework.errors import FrameworkError
from fw_environment import Environment
from trained_agent.picture import SIZE


class Window(Component):
    """A window of pygame; `surface` is what a renderer draws on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pygame: Any = None
        self.surface: Any = None
        self.frames = 0

    def start(self) -> None:
        """Open it."""
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame

        self._pygame = pygame
        try:
            pygame.display.init()
            self.surface = pygame.display.set_mode(SIZE)
        except pygame.error as error:
            pygame.display.quit()
            raise FrameworkError(f"There is no window: {error}.", remedy="Set DISPLAY, or use --headless.") from error
        pygame.display.set_caption("Ships that have learned to dock")

    def show(self, world: Environment, moment: object) -> None:
        """Called after the renderers: what they drew is seen. Whoever closes the window stops the application."""
        self._pygame.display.flip()
        self.frames += 1
        if any(event.type == self._pygame.QUIT for event in self._pygame.event.get()):
            self._app.request_stop("The window was closed.")

    def stop(self) -> None:
        """Close it."""
        self.surface = None
        self._pygame.display.quit()
