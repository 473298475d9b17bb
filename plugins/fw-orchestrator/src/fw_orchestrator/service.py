"""`Service`: puts the two APIs of an engine on the HTTP server."""

from __future__ import annotations

from framework import AppStopping, Component
from fw_http.config import HttpSettings
from fw_http.facade import Http
from fw_http.site import Site
from fw_orchestrator.access_tokens import AccessTokens
from fw_orchestrator.answering import answering
from fw_orchestrator.app_keys import add_parts
from fw_orchestrator.client_api import ClientApi
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.engine import Engine
from fw_orchestrator.overview_api import OverviewApi
from fw_orchestrator.public_api import PublicApi
from fw_orchestrator.replays import Replays
from fw_orchestrator.token_api import TokenApi
from fw_orchestrator.tokens import check_configured
from fw_orchestrator.worker_api import WorkerApi
from fw_orchestrator.worker_gate import WorkerGate
from fw_orchestrator.worker_socket import WorkerSocket
from fw_orchestrator.worker_tokens import WorkerTokens


class Service(Component):
    """Declares the routes of both APIs, if there is a blueprint to serve."""

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        http: Http,
        site: Site,
        settings: OrchestratorSettings,
        http_settings: HttpSettings,
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._http = http
        self._settings = settings
        self._http_settings = http_settings
        self._site = site

    def start(self) -> None:
        """Raises :class:`ConfigError` if a token is missing or cannot be used."""
        if not self._engine.blueprints:
            return
        add_parts(self._site.application, self._engine, self._desk)
        check_configured(self._settings, self._http_settings, self._http.url)
        tokens = WorkerTokens(self._settings)
        access = AccessTokens(tokens, self._engine.surroundings, self._engine.store)
        gate = WorkerGate(self._settings, tokens, access, self._engine.surroundings)
        replays = Replays(self._engine.store, self._engine.surroundings)
        self._http.add_middleware(answering, checked=False)
        endpoints = Endpoints(self._http)
        if self._settings.client_api:
            ClientApi(self._engine, self._settings).declare(endpoints)
            OverviewApi(self._engine, self._settings, tokens).declare(endpoints)
        PublicApi(self._engine, self._settings).declare(endpoints)
        WorkerApi(self._desk, gate, replays, self._settings).declare(endpoints)
        TokenApi(gate, access).declare(endpoints)
        WorkerSocket(self._desk, self._engine.links, gate, replays).declare(endpoints)


async def send_pollers_away(event: AppStopping, engine: Engine) -> None:
    """Answer waiting polls and close the workers' sockets, so that the HTTP server can drain at once."""
    engine.leave()
    await engine.links.close()
