"""The client API: create jobs, look at them, cancel them, read their history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from fw_http.whole import whole
from fw_orchestrator.approval_tokens import ApprovalTokens
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.engine import Engine
from fw_orchestrator.errors import IdempotencyConflict, InvalidJobData
from fw_orchestrator.job_request import body_schema, job_request, key, read_body
from fw_orchestrator.job_view import shown, with_tasks
from fw_orchestrator.model import Job, JobStatus
from fw_orchestrator.tokens import check_client, reason, refuse

MAX_LIMIT = 1000
MAX_OFFSET = 2**62
_encode = msgspec.json.Encoder().encode
_JSON = CIMultiDict({"Content-Type": "application/json"})
_GRAPHS = {"dot": "text/vnd.graphviz", "mermaid": "text/plain", "svg": "image/svg+xml"}


class ClientApi:
    """Translates between requests and the engine. Every route needs the client's token."""

    def __init__(self, engine: Engine, settings: OrchestratorSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._approvals = ApprovalTokens(settings)

    def declare(self, endpoints: Endpoints) -> None:
        """Add the routes: one per blueprint with an endpoint, the common ones under every version in use."""
        for blueprint in self._engine.blueprints.values():
            if blueprint.api_endpoint is not None:
                endpoints.add(
                    "POST",
                    endpoint_path(blueprint, self._settings),
                    self._creator(blueprint),
                    f"New job of {blueprint.name}",
                    who="client",
                    group="Blueprints",
                    takes=body_schema(self._settings),
                    example={"initial_data": {}},
                )
        for prefix in prefixes(self._engine, self._settings):
            self._declare_common(partial(endpoints.add, who="client", group=f"Jobs: {prefix}"), f"{prefix}/jobs")
            endpoints.add(
                "GET",
                f"{prefix}/blueprints/{{name}}/graph",
                self.graph,
                "A blueprint as a picture",
                who="client",
                group=f"Jobs: {prefix}",
                query={"format": {"enum": [*_GRAPHS]}},
            )

    def _declare_common(self, add: Callable[..., None], jobs: str) -> None:
        job = f"{jobs}/{{job_id}}"
        page = {"limit": _number(MAX_LIMIT), "offset": _number(MAX_OFFSET)}
        kinds = {name: {"type": "string"} for name in ("status", "blueprint", "state")}
        add("GET", jobs, self.jobs, "Jobs, newest first", query=kinds | page)
        add("GET", f"{jobs}/quarantined", self.quarantined, "Jobs that wait for an operator", query=page)
        fields = {"fields": {"type": "string"}}
        add("GET", job, self.job, "One job: state, progress, error, result", query=fields)
        add("GET", f"{job}/history", self.history, "What happened to a job")
        add("POST", f"{job}/cancel", self.cancel, "End a job")
        add("GET", f"{job}/files/upload", self.files, "Where to put a file: not there yet")
        add("PUT", f"{job}/files/content/{{name}}", self.file, "Put a file: not there yet")
        add("GET", f"{job}/files/download/{{name}}", self.file, "Get a file: not there yet")

    def _creator(self, blueprint: StateMachineBlueprint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def create_job(request: web.Request) -> web.Response:
            check_client(request, self._settings)
            data, options = job_request(await read_body(request), self._settings)
            try:
                job_id = await self._engine.intake.create(blueprint.name, data, options, key=key(request))
            except InvalidJobData as error:
                raise refuse(422, reason(error)) from error
            except IdempotencyConflict as error:
                raise refuse(409, reason(error)) from error
            return _json({"job_id": job_id, "status": "accepted"}, status=202)

        return create_job

    async def job(self, request: web.Request, job_id: str) -> web.Response:
        """One job; ``?fields=a,b`` gives only those members."""
        job = await self._job(request, job_id)
        tasks = await self._engine.store.tasks(job.id, step=job.version) if job.tasks_total == 1 else []
        last = tasks[-1:] if job.awaited else []
        view = with_tasks(self._shown(job), job, last, self._approvals.of(job))
        if not request.query_string:
            return _json(view)
        fields = [name for name in request.query.get("fields", "").split(",") if name]
        unknown = [name for name in fields if name not in view]
        if unknown:
            raise refuse(400, f"A job has no member {unknown[0]!r}; it has {', '.join(view)}.")
        return _json({name: view[name] for name in fields} if fields else view)

    async def history(self, request: web.Request, job_id: str) -> list[dict[str, Any]]:
        """What happened to a job, oldest first."""
        await self._job(request, job_id)
        return [
            {"at": entry.at, "event": entry.event, "state": entry.state, "detail": entry.detail}
            for entry in await self._engine.store.history(job_id)
        ]

    async def jobs(self, request: web.Request) -> list[dict[str, Any]]:
        """Jobs, newest first: ``?status=a,b&blueprint=name&state=name&limit=100&offset=0``."""
        check_client(request, self._settings)
        try:
            statuses = [JobStatus(word) for word in request.query.get("status", "").split(",") if word]
        except ValueError as error:
            raise refuse(400, f"status must be one of {', '.join(JobStatus)}.") from error
        return await self._listed(request, statuses)

    async def quarantined(self, request: web.Request) -> list[dict[str, Any]]:
        """The jobs that wait for an operator."""
        check_client(request, self._settings)
        return await self._listed(request, [JobStatus.QUARANTINED])

    async def _listed(self, request: web.Request, statuses: list[JobStatus]) -> list[dict[str, Any]]:
        found = await self._engine.store.jobs(
            statuses=statuses or None,
            blueprint=request.query.get("blueprint"),
            state=request.query.get("state"),
            limit=_whole(request, "limit", 100, MAX_LIMIT),
            offset=_whole(request, "offset", 0, MAX_OFFSET),
        )
        return [self._shown(job) for job in found]

    async def cancel(self, request: web.Request, job_id: str) -> dict[str, str]:
        """End a job; its workers are told."""
        check_client(request, self._settings)
        if not await self._engine.operations.cancel(job_id):
            raise refuse(404, "Job not found or already terminal.")
        return {"status": "cancellation_request_accepted"}

    async def graph(self, request: web.Request, name: str) -> web.Response:
        """A blueprint as a picture: ``?format=dot`` (default), ``mermaid`` or ``svg``."""
        check_client(request, self._settings)
        blueprint = self._engine.blueprints.get(name)
        if blueprint is None:
            raise refuse(404, "Blueprint not found")
        kind = request.query.get("format", "dot")
        if kind not in _GRAPHS:
            raise refuse(400, f"format must be one of {', '.join(_GRAPHS)}.")
        return web.Response(text=blueprint.graph(kind), content_type=_GRAPHS[kind])

    async def files(self, request: web.Request, job_id: str) -> None:
        """Payload files are not there yet."""
        await self._job(request, job_id)
        raise refuse(501, "Payload files are not supported yet.")

    async def file(self, request: web.Request, job_id: str, name: str) -> None:
        """Nor is a single one."""
        await self.files(request, job_id)

    def _shown(self, job: Job) -> dict[str, Any]:
        return shown(job, self._engine.progress.get(job.id), self._engine.definitions)

    async def _job(self, request: web.Request, job_id: str) -> Job:
        check_client(request, self._settings)
        job = await self._engine.store.job(job_id)
        if job is None:
            raise refuse(404, "Job not found")
        return job


def _number(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most}


def _json(value: dict[str, Any], status: int = 200) -> web.Response:
    """An answer of which nothing needs to be checked: it comes from the store, or is our own."""
    return whole(_encode(value), status, _JSON)


def prefixes(engine: Engine, settings: OrchestratorSettings) -> list[str]:
    """The path prefix of every version that a blueprint uses."""
    versions = sorted({blueprint.api_version for blueprint in engine.blueprints.values()}, key=str)
    return [_prefix(version, settings) for version in versions]


def endpoint_path(blueprint: StateMachineBlueprint, settings: OrchestratorSettings) -> str:
    """Where jobs of a blueprint are created."""
    return _prefix(blueprint.api_version, settings) + (blueprint.api_endpoint or "")


def _prefix(version: str | None, settings: OrchestratorSettings) -> str:
    prefix = "/" + settings.api_prefix.strip("/")
    return f"{prefix}/{version}" if version else prefix


def _whole(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise refuse(400, f"{name} must be a whole number from 0 to {most}.")
    return int(text)
