"""`Policy`: the port that decides who may send what through a door."""

from __future__ import annotations

from typing import Any


class Forbidden(Exception):
    """A policy refused a message; doors answer in their own words (403, an error object, a negative reply)."""


class Policy:
    """Who may send what. A door asks before it dispatches a message whose handler declares a rule.

    Provide one with ``app.provide(Policy, make)``. This base class refuses everything.
    """

    async def check(self, rule: str, message: Any, caller: Any) -> None:
        """Raise :class:`Forbidden` unless ``caller`` (as the door knows it) may send ``message`` under ``rule``."""
        raise Forbidden(f"{type(message).__name__}: rule {rule!r} admits nobody.")
