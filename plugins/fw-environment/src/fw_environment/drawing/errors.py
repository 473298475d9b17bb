"""What goes wrong in drawing."""

from __future__ import annotations

from fw_environment.errors import EnvironmentFault


class DrawingFault(EnvironmentFault):
    """Base class of what drawing raises."""


class UnknownImage(DrawingFault):
    """A sprite names an `image` that the draw list does not hold."""

    def __init__(self, image: str, known: list[str]) -> None:
        there = ", ".join(sorted(known)) or "none"
        super().__init__(f"no image {image!r} in the draw list; put it into its `images`, which holds: {there}")
        self.image = image


class InvalidImage(DrawingFault):
    """An array that is no picture, or pictures of different sizes where they must be equal."""
