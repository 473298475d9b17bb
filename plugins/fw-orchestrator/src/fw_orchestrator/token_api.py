"""W7 and W8: access tokens for workers."""

from __future__ import annotations

from aiohttp import web

from fw_orchestrator.access_tokens import AccessTokens, RefusedToken
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.tokens import refuse
from fw_orchestrator.worker_api import WORKERS, answer, read
from fw_orchestrator.worker_gate import Caller, WorkerGate
from fw_rxon import REFRESH_PATH, TOKEN_PATH, WORKER_ID_HEADER, TokenRefresh


class TokenApi:
    """Translates between requests and :class:`AccessTokens`."""

    def __init__(self, gate: WorkerGate, access: AccessTokens) -> None:
        self._gate = gate
        self._access = access

    def declare(self, endpoints: Endpoints) -> None:
        """Add the routes."""
        endpoints.add("POST", TOKEN_PATH, self.issue, "Get an access token", who="worker", group=WORKERS)
        endpoints.add(
            "POST",
            REFRESH_PATH,
            self.refresh,
            "Get the next one",
            group=WORKERS,
            takes=TokenRefresh,
            example={"refresh_token": ""},
        )

    async def issue(self, request: web.Request) -> web.Response:
        """W7: an access token for the bearer of a worker's own token, or certificate."""
        caller = self._gate.admit(request)
        worker_id = self._named(caller, request)
        if not self._gate.is_own(caller):
            raise refuse(403, "Unauthorized: show the worker's own token, or send the refresh token")
        try:
            return answer(self._access.issue(worker_id))
        except RefusedToken as error:
            raise refuse(403, f"Unauthorized: {error}") from error

    async def refresh(self, request: web.Request) -> web.Response:
        """W8: the next one for the bearer of a refresh token, which need not have anything else."""
        caller = self._gate.certified(request) or Caller(request.headers.get(WORKER_ID_HEADER), "")
        worker_id = self._named(caller, request)
        given = await read(request, TokenRefresh)
        if not given.refresh_token:
            raise refuse(400, "Missing refresh_token in payload")
        try:
            return answer(await self._access.refresh(worker_id, given.refresh_token))
        except RefusedToken as error:
            raise refuse(403, f"Unauthorized: {error}") from error

    def _named(self, caller: Caller, request: web.Request) -> str:
        if caller.worker_id is None:
            raise refuse(400, f"{WORKER_ID_HEADER} is missing: a token is made for one worker")
        self._gate.identify(caller, request.headers.get(WORKER_ID_HEADER, caller.worker_id))
        return caller.worker_id
