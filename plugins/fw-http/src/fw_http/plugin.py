"""The hooks of `http`."""

from __future__ import annotations

from framework import App, hookimpl


class HttpPlugin:
    """Serves what ``app.http`` declares: binds when the application starts, accepts when it is ready."""

    @hookimpl
    def register(self, app: App) -> None:
        from aiohttp import web

        from fw_http.config import HttpSettings
        from fw_http.endpoint import no_request
        from fw_http.health_server import HealthServer
        from fw_http.peer import Peer
        from fw_http.server import HttpServer, close_door, open_door
        from fw_http.site import Site
        from fw_http.threads import HandlerThreads

        settings = app.config.get(HttpSettings)
        if settings.uvloop:
            from fw_http.uv import uv_loop

            app.use_loop(uv_loop(app.config.source("http", "uvloop")))
        app.register(HealthServer)
        app.register(HandlerThreads)
        app.register(Site)
        app.register(HttpServer)
        app.provide(Peer, Peer.of, lifetime="scoped")
        app.provide(web.Request, no_request, lifetime="scoped")
        app.on_ready(open_door)
        app.on_stop(close_door)


plugin = HttpPlugin()
