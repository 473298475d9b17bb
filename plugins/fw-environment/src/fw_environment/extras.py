"""Libraries that come with an extra: imported when they are used, named where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fw_environment.errors import EnvironmentFault


class MissingExtra(EnvironmentFault, ImportError):
    """A library that something stands on is not installed; `extra` brings it."""

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
