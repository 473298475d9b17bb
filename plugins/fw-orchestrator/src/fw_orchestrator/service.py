"""`Service`: puts the two APIs of an engine on the HTTP server."""

from __future__ import annotations

from framework import AppStopping, Component
from fw_http.facade import Http
from fw_orchestrator.client_api import ClientApi
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.tokens import check_configured
from fw_orchestrator.worker_api import WorkerApi


class Service(Component):
    """Declares the routes of both APIs, if there is a blueprint to serve."""

    def __init__(self, engine: Engine, http: Http, settings: OrchestratorSettings) -> None:
        self._engine = engine
        self._http = http
        self._settings = settings

    def start(self) -> None:
        """Raises :class:`ConfigError` if a token is missing."""
        if not self._engine.blueprints:
            return
        check_configured(self._settings)
        ClientApi(self._engine, self._settings).declare(self._http)
        WorkerApi(Desk(self._engine), self._settings).declare(self._http)
        self._http.route("/_public/status")(status)


def status() -> dict[str, str]:
    """Whether the orchestrator answers."""
    return {"status": "ok"}


def send_pollers_away(event: AppStopping, engine: Engine) -> None:
    """Answer waiting polls, so that the HTTP server can drain at once."""
    engine.leave()
