"""`Worlds`: the worlds of an application."""

from __future__ import annotations

from framework import Component


class Worlds(Component):
    """Holds the worlds while the application runs."""
