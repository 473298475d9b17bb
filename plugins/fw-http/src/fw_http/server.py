"""`HttpServer`: binds at start, accepts when the application is ready, drains before it stops."""

from __future__ import annotations

import errno
import logging
import socket
from collections import defaultdict

from aiohttp import web

from framework import App, AppReady, AppStopping, BootstrapError, Component, FrameworkError
from fw_http.config import HttpSettings
from fw_http.endpoint import endpoint, problems
from fw_http.facade import MIDDLEWARE, ROUTE, Http
from fw_http.middleware import middlewares

log = logging.getLogger("fw_http")


class ListenError(FrameworkError):
    """The server cannot listen where it is told to."""


class HttpServer(Component):
    """One listening socket and the aiohttp application behind it."""

    def __init__(self, app: App, http: Http, settings: HttpSettings) -> None:
        self._app = app
        self._http = http
        self._settings = settings
        self._socket: socket.socket | None = None
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Bind. Raises :class:`ListenError` naming the address and the remedy."""
        self._socket = self._bound()
        host, port = self._socket.getsockname()[:2]
        self._http.listening = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _bound(self) -> socket.socket:
        host, port = self._settings.host, self._settings.port
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except OSError as error:
            raise ListenError(f"[http] host {host!r} is no address of this machine: {error.strerror}.") from error
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError as error:
            listening.close()
            raise self._refused(error) from error
        listening.setblocking(False)
        return listening

    def _refused(self, error: OSError) -> ListenError:
        host, port = self._settings.host, self._settings.port
        if error.errno == errno.EADDRINUSE:
            return ListenError(
                f"Port {port} on {host} is in use by another program.",
                remedy="Choose another: [http] port = 8001 in fw.toml, FW_HTTP__PORT=8001, or 0 for any free one.",
            )
        if error.errno == errno.EACCES:
            return ListenError(f"Port {port} on {host} may not be used by this user.", remedy="Choose one above 1023.")
        return ListenError(
            f"Cannot listen on {host} port {port}: {error.strerror}.", remedy="Check [http] host and port."
        )

    async def open(self) -> None:
        """Build the routes and accept. Raises :class:`BootstrapError` for a route that cannot be served."""
        runner = web.AppRunner(
            await self._application(),
            access_log=None,
            shutdown_timeout=self._settings.drain_timeout,
            handle_signals=False,
            # How long aiohttp takes in what is left of a body after the answer, so that the client can read that.
            lingering_time=min(10.0, self._settings.body_timeout),
        )
        await runner.setup()
        self._runner = runner
        assert self._socket is not None  # noqa: S101 - a door opens only after its component has started
        try:
            await web.SockSite(runner, self._socket).start()
        except OSError as error:
            raise self._refused(error) from error
        log.info("listening on %s", self._http.url)

    async def _application(self) -> web.Application:
        around = await middlewares(self._app, self._http.declared(MIDDLEWARE))
        application = web.Application(middlewares=[problems, *around], client_max_size=self._settings.max_body)
        places: dict[tuple[str, str], str] = {}
        by_path: dict[str, web.Resource] = {}
        names: dict[str, set[str]] = defaultdict(set)
        for declaration in self._http.declared(ROUTE):
            route, place = declaration.item, f"{declaration.place}: route {declaration.item.path!r}"
            if route.path not in by_path:
                try:
                    by_path[route.path] = application.router.add_resource(route.path)
                except ValueError as error:
                    raise BootstrapError(f"{place} is malformed: {error}.") from error
                names[route.path] = _parameters(by_path[route.path])
            handler = endpoint(self._app, route, names[route.path], self._settings, place)
            for method in route.methods:
                other = places.setdefault((route.path, method), place)
                if other != place:
                    raise BootstrapError(
                        f"{place} answers {method} already at {other}.", remedy="Remove one of the two."
                    )
                by_path[route.path].add_route(method, handler)
        return application

    async def close(self) -> None:
        """Stop accepting, let requests end for ``drain_timeout``, then cancel them."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def stop(self) -> None:
        """Close the socket, and the door if it is still open."""
        await self.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = self._http.listening = None


async def open_door(event: AppReady, server: HttpServer) -> None:
    """Accept connections."""
    await server.open()


async def close_door(event: AppStopping, server: HttpServer) -> None:
    """Drain."""
    await server.close()


def _parameters(resource: web.Resource) -> set[str]:
    pattern = resource.get_info().get("pattern")
    return set(pattern.groupindex) if pattern else set()
