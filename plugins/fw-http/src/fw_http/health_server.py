"""`HealthServer`: answers probes on an address of its own, from the start to the end of the stop."""

from __future__ import annotations

from aiohttp import web

from framework import App, Component
from fw_http.config import HttpSettings
from fw_http.connections import Connections
from fw_http.gate import Gate
from fw_http.hosts import Hosts
from fw_http.listening import ListenError, Listening, listening_at, parsed
from fw_http.probes import Probes
from fw_http.problem import Problem
from fw_http.proxies import Proxies
from fw_http.refusal import Refusals

MOST_CONNECTIONS = 64


class HealthServer(Component):
    """Listens where ``[http] health_listen`` says; nowhere if that is empty."""

    def __init__(self, app: App, settings: HttpSettings) -> None:
        self._settings = settings
        self._probes = Probes(app, settings.health, details=settings.health_details)
        self._listening: Listening | None = None
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens; empty if it does not."""
        return self._listening.url("http") if self._listening else ""

    async def start(self) -> None:
        """Bind and answer. Raises :class:`fw_http.listening.ListenError`."""
        if not self._settings.health_listen:
            return
        [self._listening] = listening_at([parsed(self._settings.health_listen)])
        gate = Gate(_nothing_else, Hosts(["*"]), self._probes, Refusals(), encoded_slashes=False)
        connections = Connections(gate.handle, self._settings, Proxies(()), MOST_CONNECTIONS)
        self._runner = web.ServerRunner(connections, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            self._listening.listen()
        except ListenError:
            await self.stop()
            raise
        await web.SockSite(self._runner, self._listening.socket).start()

    async def stop(self) -> None:
        """Close."""
        self._probes.close()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
        if self._listening is not None:
            listening, self._listening = self._listening, None
            listening.close()


async def _nothing_else(request: web.BaseRequest) -> web.StreamResponse:
    raise Problem(404, "Only probes are answered here.")
