"""`Depends`: the mark of a parameter that the container fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dependency:
    """The mark itself: filled from the parameter's annotation, or from ``factory`` if one is given."""

    factory: Callable[..., Any] | None = None


def Depends(factory: Callable[..., Any] | None = None) -> Any:  # noqa: N802 - reads like the class it stands for
    """Mark a parameter: ``repo: ItemRepo = Depends()``.

    ``Depends(make)`` calls ``make``, whose parameters are injected too.
    """
    return Dependency(factory)
