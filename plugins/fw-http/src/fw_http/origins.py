"""`Origins`: the sites whose pages may do what a browser keeps from others."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:\*\.)?(?:\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9_.-]*)(?::\d{1,5})?")


def check_origins(origins: Sequence[str]) -> None:
    """Raise ValueError for one that no browser would send: a path, a slash at the end, a capital, no scheme."""
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"cors_origins must be like 'https://shop.example', 'https://*.shop.example' or '*', not {origin!r}"
            )


class Origins:
    """Says whether an ``Origin`` is one of these: as it is written, any below ``https://*.shop.example``, or ``*``."""

    def __init__(self, origins: Sequence[str]) -> None:
        self.all = "*" in origins
        self._exact = frozenset(origins)
        parts = [origin.partition("*") for origin in origins if "://*." in origin]
        self._below = [re.compile(rf"{re.escape(start)}[a-z0-9_.-]+{re.escape(end)}") for start, _, end in parts]

    def allow(self, origin: str | None) -> bool:
        """Whether pages of this origin may."""
        if origin is None:
            return False
        return self.all or origin in self._exact or any(below.fullmatch(origin) for below in self._below)
