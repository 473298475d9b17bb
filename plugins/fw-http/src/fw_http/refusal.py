"""`Refusal`: a request that was turned away before any middleware, and who wants to know of such."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

log = logging.getLogger("fw_http")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of it: the ``status`` and ``detail`` of the answer, in the server's own words.

    ``method`` and ``target`` are as the client sent them, '' where nothing could be parsed; ``peer`` is the address
    that is connected, '' on a Unix socket.
    """

    status: int
    detail: str
    method: str = ""
    target: str = ""
    peer: str = ""


class Refusals:
    """Tells all who watch."""

    def __init__(self, watches: Sequence[Callable[[Refusal], None]] = ()) -> None:
        self._watches = watches

    def tell(self, refusal: Refusal) -> None:
        """What a watch raises is logged: the client gets its answer all the same."""
        for watch in self._watches:
            try:
                watch(refusal)
            except Exception:
                log.exception("%r failed to be told of a refusal", watch)


def address(peername: object) -> str:
    """The address of asyncio's ``peername``."""
    return str(peername[0]) if isinstance(peername, tuple) else ""
