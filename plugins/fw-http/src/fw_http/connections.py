"""`Connections`: who may connect, and how all connections end."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from fw_http.config import HttpSettings
from fw_http.connection import Connection
from fw_http.departures import Departures
from fw_http.outbox import Outbox
from fw_http.proxies import Proxies
from fw_http.refusal import Refusals

log = logging.getLogger("fw_http")

GRACE = 2.0
"""Seconds that cancelled handlers, and clients that do not read, get at the end of a drain."""


def most_connections(wanted: int) -> int:
    """``wanted``, or fewer if the process may not have as many open files; a share is left for other ones."""
    if sys.platform == "win32":
        return wanted
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY or wanted <= files * 3 // 4:
        return wanted
    log.info("%d open files are allowed, so %d connections are taken, not %d", files, files * 3 // 4, wanted)
    return max(1, files * 3 // 4)


class Connections(web.Server):
    """aiohttp's server of connections that count, keep deadlines and drain.

    ``handler`` answers requests that ``options["request_factory"]`` has made; ``dresses`` are what aiohttp calls before
    an answer goes.
    """

    def __init__(
        self,
        handler: Callable[[Any], Awaitable[web.StreamResponse]],
        settings: HttpSettings,
        proxies: Proxies,
        most: int,
        departures: Departures | None = None,
        dresses: Sequence[Any] = (),
        refusals: Refusals | None = None,
        **options: Any,
    ) -> None:
        factory = options.pop("request_factory", None)
        super().__init__(handler, request_factory=factory)
        self._settings = settings
        self._proxies = proxies
        self._most = most
        self._departures = departures or Departures()
        self.dresses = dresses
        self.refusals = refusals or Refusals()
        self.outbox = Outbox()
        self._options: dict[str, Any] = {
            "max_line_size": settings.max_line,
            "max_field_size": settings.max_field,
            "max_headers": settings.max_headers,
            "keepalive_timeout": settings.keep_alive,
            # How long aiohttp takes in what is left of a body after the answer, so that the client can read that.
            "lingering_time": min(10.0, settings.body_timeout),
            "access_log": None,
            **options,
        }
        self._peers: Counter[str] = Counter()
        self._changed: asyncio.Future[None] | None = None
        self._is_full = False
        self._full_peer = ""  # told of; one at a time, so that many together cannot fill the log
        self.is_closing = False

    def __call__(self) -> Connection:
        """A connection for asyncio to make."""
        return Connection(self, self._settings, loop=asyncio.get_running_loop(), **self._options)

    def refusal(self, transport: asyncio.BaseTransport) -> str:
        """Why this client is turned away; empty if it is not."""
        if len(self._connections) >= self._most:
            if not self._is_full:
                log.warning("%d connections are open; more are turned away ([http] max_connections)", self._most)
                self._is_full = True
            return "The server has as many connections as it takes."
        self._is_full = False
        group = self._proxies.group(transport)
        if self._peers[group] >= self._settings.max_connections_per_peer:
            if not self._full_peer:
                log.warning(
                    "%s has %d connections open; more from there are turned away ([http] max_connections_per_peer)",
                    group,
                    self._peers[group],
                )
                self._full_peer = group
            return "This address has as many connections as it may."
        if group == self._full_peer:
            self._full_peer = ""
        return ""

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Count it."""
        super().connection_made(handler, transport)
        group = self._proxies.group(transport)
        if group:
            self._peers[group] += 1

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Tell who waits for that; forget it, when its handler is done."""
        self._departures.tell(handler)
        transport = self._connections.get(handler)
        if transport is None:
            return  # one that was turned away
        group = self._proxies.group(transport)
        if group:
            self._peers[group] -= 1
            if not self._peers[group]:
                del self._peers[group]
        super().connection_lost(handler, exc)
        task = handler._task_handler  # noqa: SLF001 - the base class waits for it in the same way, and before
        if task is not None:
            task.add_done_callback(self._tell)
        else:
            self._tell()

    def _tell(self, *_: object) -> None:
        if self._changed is not None and not self._changed.done() and not self._connections:
            self._changed.set_result(None)

    def pre_shutdown(self) -> None:
        """Close what is idle; every answer is the last on its connection from now on."""
        self.is_closing = True
        for connection in self.connections:
            assert isinstance(connection, Connection)  # noqa: S101 - __call__ makes no others
            connection.finish()

    async def shutdown(self, timeout: float | None = None) -> None:
        """Let requests end for ``timeout`` seconds, then cancel them; return soon after, whatever they do.

        If it is cancelled itself, it cancels them at once.
        """
        try:
            if await self._emptied(timeout):
                return
            log.warning("%d connections are not done after %g s; they are cut", len(self._connections), timeout or 0)
            self._cancel()
            if not await self._emptied(GRACE):
                self._abort()
                if not await self._emptied(GRACE):
                    log.error("%d handlers ignore that they are cancelled", len(self._connections))
        finally:
            self._cancel()
            self._abort()

    def _cancel(self) -> None:
        for connection in self.connections:
            task = connection._task_handler  # noqa: SLF001 - the base class cancels it in the same way
            if task is not None:
                task.cancel()
            else:
                connection.force_close()

    def _abort(self) -> None:
        for transport in list(self._connections.values()):
            transport.abort()

    async def _emptied(self, seconds: float | None) -> bool:
        if self._connections:
            self._changed = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._changed], timeout=seconds)
            self._changed = None
        return not self._connections
