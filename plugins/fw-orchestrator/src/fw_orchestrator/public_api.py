"""What is open to all: whether it runs, its metrics, its documentation; and a person's decision, by its token."""

from __future__ import annotations

from aiohttp import web

from fw_http.facade import Http
from fw_orchestrator.approval_tokens import ApprovalTokens
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.docs_page import docs_page
from fw_orchestrator.engine import Engine
from fw_orchestrator.job_request import mapping, members, read_body
from fw_orchestrator.metrics import exposition
from fw_orchestrator.model import AwaitedApproval, Job
from fw_orchestrator.tokens import check_client, refuse
from fw_rxon import CLIENT_TOKEN_HEADER

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class PublicApi:
    """Translates between requests and the engine."""

    def __init__(self, engine: Engine, settings: OrchestratorSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._approvals = ApprovalTokens(settings)

    def declare(self, http: Http) -> None:
        """Add the routes."""
        http.route("/_public/status")(self.status)
        http.route("/_public/metrics")(self.metrics)
        http.route("/_public/docs")(self.docs)
        http.route("/_public/webhooks/approval/{job_id}", methods=["POST"])(self.approval)

    async def status(self) -> dict[str, str]:
        """Whether the orchestrator answers."""
        return {"status": "ok"}

    async def metrics(self) -> web.Response:
        """Counters and gauges, as Prometheus reads them."""
        return web.Response(body=(await exposition(self._engine)).encode(), headers={"Content-Type": _PROMETHEUS})

    async def docs(self) -> web.Response:
        """A page that lists the endpoints and tries them."""
        return web.Response(text=docs_page(self._engine, self._settings), content_type="text/html")

    async def approval(self, request: web.Request, job_id: str) -> dict[str, str]:
        """Take a decision: ``{"decision": "approved", "token"?, "data"?}``, with the job's token or the client's."""
        body = members(await read_body(request), ("decision", "token", "data"))
        token = body.get("token", request.query.get("token"))
        if token is not None and not isinstance(token, str):
            raise refuse(422, "token must be a text.")
        job = await self._engine.store.job(job_id)
        self._check_may_decide(request, job, token)
        if job is None:
            raise refuse(404, "Job not found")
        awaited = job.awaited
        if not isinstance(awaited, AwaitedApproval):
            raise refuse(409, "Job is not in a state that can be approved")
        decision = body.get("decision")
        if not isinstance(decision, str) or not decision:
            raise refuse(400, "decision is required in body")
        if decision not in awaited.transitions or decision == "timeout":
            raise refuse(400, f"Invalid decision {decision!r} for this job")
        if not await self._engine.operations.decide(job, decision, mapping(body, "data")):
            raise refuse(409, "Job is not in a state that can be approved")
        return {"status": "approval_received", "job_id": job_id}

    def _check_may_decide(self, request: web.Request, job: Job | None, token: str | None) -> None:
        """The client may always ask; anybody else needs the token of this very decision."""
        if request.headers.get(CLIENT_TOKEN_HEADER) is not None or token is None:
            check_client(request, self._settings)
        elif job is None or not self._approvals.is_right(job, token):
            raise refuse(401, "Unauthorized: the token is wrong or has been used")
