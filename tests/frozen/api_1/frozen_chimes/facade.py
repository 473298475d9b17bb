# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""`Chimes`: which bells there are, and what has happened to them."""

from framework import App, Facade


class Chimes(Facade):
    """``heard`` lists hooks and rings in the order in which they came."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.heard: list[str] = []

    def toll(self, bell: str) -> None:
        """Hang a bell."""
        self.declare("bell", bell)
