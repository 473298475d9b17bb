"""The client API: create jobs, look at them, read their history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from fw_http import Problem
from fw_http.bodies import read_json
from fw_http.facade import Http
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.engine import Engine
from fw_orchestrator.errors import InvalidJobData
from fw_orchestrator.model import Job, JobStatus
from fw_orchestrator.progress import Progress
from fw_orchestrator.tokens import check_client, refuse

MAX_LIMIT = 1000
MAX_OFFSET = 2**62


class ClientApi:
    """Translates between requests and the engine. Every route needs the client's token."""

    def __init__(self, engine: Engine, settings: OrchestratorSettings) -> None:
        self._engine = engine
        self._settings = settings

    def declare(self, http: Http) -> None:
        """Add the routes: one per blueprint with an endpoint, the common ones under every version in use."""
        blueprints = self._engine.blueprints.values()
        for blueprint in blueprints:
            if blueprint.api_endpoint is not None:
                path = self._prefix(blueprint.api_version) + blueprint.api_endpoint
                http.route(path, methods=["POST"])(self._creator(blueprint))
        for version in sorted({blueprint.api_version for blueprint in blueprints}, key=str):
            prefix = self._prefix(version)
            http.route(f"{prefix}/jobs")(self.jobs)
            http.route(f"{prefix}/jobs/{{job_id}}")(self.job)
            http.route(f"{prefix}/jobs/{{job_id}}/history")(self.history)
            http.route(f"{prefix}/workers")(self.workers)

    def _prefix(self, version: str | None) -> str:
        prefix = "/" + self._settings.api_prefix.strip("/")
        return f"{prefix}/{version}" if version else prefix

    def _creator(self, blueprint: StateMachineBlueprint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def create_job(request: web.Request) -> web.Response:
            check_client(request, self._settings)
            data = _initial_data(await _body(request))
            try:
                job_id = await self._engine.create_job(blueprint.name, data)
            except InvalidJobData as error:
                raise refuse(422, error.message) from error
            return web.json_response({"job_id": job_id, "status": "accepted"}, status=202)

        return create_job

    async def job(self, request: web.Request, job_id: str) -> dict[str, Any]:
        """One job; ``?fields=a,b`` gives only those members."""
        shown = self._shown(await self._job(request, job_id))
        fields = [name for name in request.query.get("fields", "").split(",") if name]
        unknown = [name for name in fields if name not in shown]
        if unknown:
            raise refuse(400, f"A job has no member {unknown[0]!r}; it has {', '.join(shown)}.")
        return {name: shown[name] for name in fields} if fields else shown

    async def history(self, request: web.Request, job_id: str) -> list[dict[str, Any]]:
        """What happened to a job, oldest first."""
        await self._job(request, job_id)
        return [
            {"at": entry.at, "event": entry.event, "state": entry.state, "detail": entry.detail}
            for entry in await self._engine.store.history(job_id)
        ]

    async def jobs(self, request: web.Request) -> list[dict[str, Any]]:
        """Jobs, newest first: ``?status=a,b&limit=100&offset=0``."""
        check_client(request, self._settings)
        try:
            statuses = [JobStatus(word) for word in request.query.get("status", "").split(",") if word]
        except ValueError as error:
            raise refuse(400, f"status must be one of {', '.join(JobStatus)}.") from error
        found = await self._engine.store.jobs(
            statuses=statuses or None,
            limit=_whole(request, "limit", 100, MAX_LIMIT),
            offset=_whole(request, "offset", 0, MAX_OFFSET),
        )
        return [self._shown(job) for job in found]

    async def workers(self, request: web.Request) -> list[dict[str, Any]]:
        """The workers that have been seen within ``worker_timeout``."""
        check_client(request, self._settings)
        since = self._engine.clock() - self._settings.worker_timeout
        return [
            {**worker.registration, "status": worker.status, "seen_at": worker.seen_at}
            for worker in await self._engine.store.workers(seen_since=since)
        ]

    def _shown(self, job: Job) -> dict[str, Any]:
        reported = self._engine.progress.get(job.id)
        return {
            "id": job.id,
            "blueprint_name": job.blueprint,
            "status": job.status,
            "current_state": job.state,
            "progress": _progress(job, reported),
            "progress_message": reported.message if reported else "",
            "tasks_total": job.tasks_total,
            "tasks_open": job.tasks_open,
            "error_code": job.error.code if job.error else None,
            "error_message": job.error.message if job.error else None,
            "result": job.result,
            "initial_data": job.initial_data,
            "state_history": job.state_history,
            "created_at": job.created_at,
            "updated_at": job.updated_at,
        }

    async def _job(self, request: web.Request, job_id: str) -> Job:
        check_client(request, self._settings)
        job = await self._engine.store.job(job_id)
        if job is None:
            raise refuse(404, "Job not found")
        return job


async def _body(request: web.Request) -> Any:
    try:
        return await read_json(request)
    except Problem as problem:
        raise refuse(problem.status, problem.detail, problem.headers) from problem
    except web.HTTPRequestEntityTooLarge as error:
        raise refuse(413, "The body is too large.") from error


def _initial_data(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise refuse(422, "The body must be an object.")
    unknown = sorted(set(body) - {"initial_data"})
    if unknown:
        raise refuse(422, f"The body has a member {unknown[0]!r}, which is not supported; it may have initial_data.")
    data = body.get("initial_data", {})
    if not isinstance(data, dict):
        raise refuse(422, "initial_data must be an object.")
    return data


def _whole(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise refuse(400, f"{name} must be a whole number from 0 to {most}.")
    return int(text)


def _progress(job: Job, reported: Progress | None) -> int:
    """Percent of the current step: what its only task reports, or how many of its tasks have ended."""
    if job.status is JobStatus.FINISHED:
        return 100
    if job.tasks_total == 1 and reported:
        return reported.percent
    return 100 * (job.tasks_total - job.tasks_open) // job.tasks_total if job.tasks_total else 0
