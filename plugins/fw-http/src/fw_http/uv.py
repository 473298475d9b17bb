"""uvloop, where it is installed and asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from framework import ConfigError


def uv_loop(source: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes its loops. Raises :class:`ConfigError`, naming the ``source`` of the setting, where it is missing."""
    try:
        import uvloop
    except ImportError as error:
        raise ConfigError(
            f"{source}: [http] uvloop is on, and uvloop is not installed.",
            remedy="pip install 'fw-http[uvloop]' (there is none for Windows), or leave it off.",
        ) from error
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made
