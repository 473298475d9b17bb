"""`Departures`: tells who waits for it that a client has gone; aiohttp itself tells nobody."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web


class Departures:
    """Who waits for the end of which connection."""

    def __init__(self) -> None:
        self._waiting: dict[Any, list[Callable[[], None]]] = defaultdict(list)

    def tell(self, connection: web.RequestHandler) -> None:
        """Call who waits; the server does so when a connection is lost."""
        for call in [*self._waiting.pop(connection, ())]:
            call()

    @contextmanager
    def calling(self, request: web.Request, function: Callable[[], None]) -> Iterator[None]:
        """Within the block, call ``function`` when the client of ``request`` goes; at once if it has."""
        if request.transport is None:
            function()
            yield
            return
        protocol = request.protocol
        waiting = self._waiting[protocol]
        waiting.append(function)
        try:
            yield
        finally:
            waiting.remove(function)
            if not waiting:
                self._waiting.pop(protocol, None)

    async def gone(self, request: web.Request) -> None:
        """Wait until the client of ``request`` has gone."""
        gone = asyncio.Event()
        with self.calling(request, gone.set):
            await gone.wait()
