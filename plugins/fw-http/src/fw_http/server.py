"""`HttpServer`: binds at start, accepts when the application is ready, drains before it stops."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import partial

from aiohttp import web

from framework import App, AppReady, AppStopping, BootstrapError, Component
from fw_http.config import HttpSettings
from fw_http.connections import Connections, most_connections
from fw_http.facade import WATCH, Http
from fw_http.gate import Gate
from fw_http.hosts import LOOPBACK_NAMES, Hosts
from fw_http.listening import Listening, addresses, listening_at
from fw_http.peer import TRUST
from fw_http.probes import Probes
from fw_http.proxies import Proxies
from fw_http.refusal import Refusals
from fw_http.serving import Serving
from fw_http.site import Site
from fw_http.tls import tls_context

log = logging.getLogger("fw_http")


class HttpServer(Component):
    """The listening sockets and the aiohttp application behind them."""

    def __init__(self, app: App, http: Http, site: Site, settings: HttpSettings) -> None:
        self._http = http
        self._site = site
        self._settings = settings
        self._proxies = Proxies(settings.trusted_proxies, settings.forwarded)
        self._probes = Probes(app, settings.health, details=settings.health_details)
        self._hosts = Hosts(settings.hosts)
        self._tls: ssl.SSLContext | None = None
        self._listening: list[Listening] = []
        self._servers: list[asyncio.Server] = []
        self._runner: _Runner | None = None

    def start(self) -> None:
        """Bind. Raises :class:`fw_http.listening.ListenError` naming the address and the remedy."""
        self._tls = tls_context(self._settings)
        self._listening = listening_at(addresses(self._settings))
        scheme = "https" if self._tls else "http"
        self._http.listening = self._listening[0].url(scheme)
        if not self._settings.hosts:
            is_local = all(listening.is_local for listening in self._listening)
            self._hosts = Hosts(LOOPBACK_NAMES if is_local else ["*"])
            if not is_local:
                log.warning("requests for any host are answered; name yours in [http] hosts")

    async def open(self) -> None:
        """Build the routes and accept. Raises :class:`BootstrapError` for a route that cannot be served."""
        serving = await self._site.serving()
        application = serving.application
        application[TRUST] = (self._proxies, self._hosts)
        self._check_probes(application)
        self._runner = runner = _Runner(application, partial(self._connections, serving), self._settings.drain_timeout)
        await runner.setup()
        assert runner.server is not None  # noqa: S101 - made by setup()
        loop = asyncio.get_running_loop()
        handshake = self._settings.head_timeout if self._tls else None
        for listening in self._listening:
            listening.listen()
            self._servers.append(
                await loop.create_server(
                    runner.server, sock=listening.socket, ssl=self._tls, ssl_handshake_timeout=handshake
                )
            )
        log.info("listening on %s", self._http.url)

    def _connections(self, serving: Serving, server: web.Server) -> Connections:
        settings = self._settings
        refusals = Refusals([declaration.item for declaration in self._http.declared(WATCH)])
        gate = Gate(
            serving.handle,
            self._hosts,
            self._probes,
            refusals,
            encoded_slashes=settings.encoded_slashes,
            paths=serving.table.paths,
        )
        return Connections(
            gate.handle,
            settings,
            self._proxies,
            most_connections(settings.max_connections),
            self._site.departures,
            dresses=serving.application.on_response_prepare,
            refusals=refusals,
            request_factory=server.request_factory,
        )

    def _check_probes(self, application: web.Application) -> None:
        for resource in application.router.resources():
            if resource.canonical in self._probes.paths:
                raise BootstrapError(
                    f"Route {resource.canonical!r} is where probes are answered.",
                    remedy='Set [http] health to another path, or to "".',
                )

    async def close(self) -> None:
        """Drain: wait ``drain_delay``, stop accepting, let requests end for ``drain_timeout``, then cancel them.

        If it is cancelled itself, by a second signal, it cancels them at once.
        """
        if self._runner is None:
            return
        try:
            if self._settings.drain_delay and self._servers:
                log.info("not ready any more; still accepting for %g s", self._settings.drain_delay)
                await asyncio.sleep(self._settings.drain_delay)
        finally:
            for server in self._servers:
                server.close()
            self._servers.clear()
            self._probes.close()
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def stop(self) -> None:
        """Close the sockets, and the door if it is still open."""
        try:
            await self.close()
        finally:
            self._probes.close()
            for listening in self._listening:
                listening.close()
            self._listening.clear()
            self._site.forget()
            self._http.listening = None


class _Runner(web.AppRunner):
    """aiohttp's runner of an application, with connections of our own."""

    def __init__(
        self, application: web.Application, connections: Callable[[web.Server], Connections], seconds: float
    ) -> None:
        super().__init__(application, shutdown_timeout=seconds, handle_signals=False)
        self._connections = connections

    async def _make_server(self) -> web.Server:
        return self._connections(await super()._make_server())


async def open_door(event: AppReady, server: HttpServer) -> None:
    """Accept connections."""
    await server.open()


async def close_door(event: AppStopping, server: HttpServer) -> None:
    """Drain."""
    await server.close()
