"""What is open to all: whether it runs, its metrics, its documentation; and a person's decision, by its token."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from fw_orchestrator.approval_tokens import ApprovalTokens
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.docs_page import docs_page, policy
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.engine import Engine
from fw_orchestrator.job_request import mapping, members, read_body
from fw_orchestrator.metrics import exposition
from fw_orchestrator.model import AwaitedApproval, Job
from fw_orchestrator.tokens import check_client, refuse
from fw_rxon import CLIENT_TOKEN_HEADER

_DECISION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"decision": {"type": "string"}, "token": {"type": "string"}, "data": {"type": "object"}},
    "required": ["decision"],
}
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class PublicApi:
    """Translates between requests and the engine."""

    def __init__(self, engine: Engine, settings: OrchestratorSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._approvals = ApprovalTokens(settings)

    def declare(self, endpoints: Endpoints) -> None:
        """Add the routes."""
        self._endpoints = endpoints
        add = partial(endpoints.add, group="Public")
        add("GET", "/_public/status", self.status, "Whether the orchestrator answers")
        add("GET", "/_public/metrics", self.metrics, "Metrics for Prometheus")
        add("GET", "/_public/docs", self.docs, "This page")
        path, example = "/_public/webhooks/approval/{job_id}", {"decision": "approved", "token": ""}
        add("POST", path, self.approval, "A person decides", takes=_DECISION, example=example)

    async def status(self) -> dict[str, str]:
        """Whether the orchestrator answers."""
        return {"status": "ok"}

    async def metrics(self) -> web.Response:
        """Counters and gauges, as Prometheus reads them."""
        return web.Response(body=(await exposition(self._engine)).encode(), headers={"Content-Type": _PROMETHEUS})

    async def docs(self) -> web.Response:
        """A page that lists the endpoints and tries them."""
        headers = {"Content-Security-Policy": policy(), "X-Content-Type-Options": "nosniff"}
        return web.Response(text=docs_page(self._endpoints), content_type="text/html", headers=headers)

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
