"""What goes wrong in drawing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

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


class MissingExtra(DrawingFault):
    """A library that draws is not installed; `extra` brings it."""

    def __init__(self, module: str, extra: str, reason: str) -> None:
        super().__init__(
            f"{module} cannot be imported ({reason}); install it with: pip install fw-environment[{extra}]"
        )
        self.module, self.extra = module, extra


def required(module: str, extra: str) -> Any:
    """The module; raises MissingExtra if it cannot be imported."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(module, extra, str(error)) from error
