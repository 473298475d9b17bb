"""The API about all jobs and workers: lists and counts for clients, repairs for operators."""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from typing import Any

from aiohttp import web

from framework import ConfigError
from fw_orchestrator.client_api import prefixes
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.engine import Engine
from fw_orchestrator.errors import InvalidJobData, NotResumable
from fw_orchestrator.job_request import mapping, members, read_body
from fw_orchestrator.model import JobStatus, WorkerRecord
from fw_orchestrator.tokens import check_admin, check_client, reason, refuse
from fw_orchestrator.worker_tokens import WorkerTokens

_REPAIR: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "state": {"type": ["string", "null"]},
        "state_history": {"type": "object"},
        "expected_version": {"type": ["integer", "null"]},
    },
}

log = logging.getLogger("fw_orchestrator")


class OverviewApi:
    """Translates between requests and the engine. Routes under ``/admin`` need the operator's token."""

    def __init__(self, engine: Engine, settings: OrchestratorSettings, tokens: WorkerTokens) -> None:
        self._engine = engine
        self._settings = settings
        self._tokens = tokens

    def declare(self, endpoints: Endpoints) -> None:
        """Add the routes."""
        for prefix in prefixes(self._engine, self._settings):
            add = partial(endpoints.add, who="client", group=f"Overview: {prefix}")
            add("GET", f"{prefix}/dashboard", self.dashboard, "Jobs by status, number of workers")
            add("GET", f"{prefix}/workers", self.workers, "Workers that are alive")
            add("GET", f"{prefix}/workers/catalog", self.catalog, "What they can do")
            add = partial(endpoints.add, who="admin", group=f"Operators: {prefix}")
            resume, words = f"{prefix}/admin/jobs/{{job_id}}/resume", "Take a quarantined job up again"
            add("POST", resume, self.resume, words, takes=_REPAIR, example={"state_history": {}})
            add("GET", f"{prefix}/admin/definitions", self.definitions, "Definitions, and jobs that wait for others")
            add("POST", f"{prefix}/admin/reload-workers", self.reload_workers, "Read the workers' tokens again")

    async def dashboard(self, request: web.Request) -> dict[str, Any]:
        """How many jobs have each status, and how many workers there are."""
        check_client(request, self._settings)
        found: Counter[str] = Counter()
        for count in await self._engine.store.counts():
            found[count.status.value] += count.number
        jobs = {status.value: found[status.value] for status in JobStatus}
        return {"jobs": jobs, "workers": {"total": len(await self._alive())}}

    async def workers(self, request: web.Request) -> list[dict[str, Any]]:
        """The workers that have been seen within ``worker_timeout``."""
        check_client(request, self._settings)
        return [
            {**worker.registration, "status": worker.status, "seen_at": worker.seen_at}
            for worker in await self._alive()
        ]

    async def catalog(self, request: web.Request) -> dict[str, Any]:
        """What the workers that are alive can do, by skill."""
        check_client(request, self._settings)
        found: dict[str, dict[str, Any]] = {}
        for worker in await self._alive():
            for skill in worker.registration.get("supported_skills", ()):
                entry = found.setdefault(skill["name"], {"contract": skill, "providers_count": 0, "worker_types": []})
                entry["providers_count"] += 1
                kind = worker.registration.get("worker_type", "generic")
                entry["worker_types"] = sorted({*entry["worker_types"], kind})
        return found

    async def _alive(self) -> list[WorkerRecord]:
        since = self._engine.surroundings.clock() - self._settings.worker_timeout
        return await self._engine.store.workers(seen_since=since)

    async def resume(self, request: web.Request, job_id: str) -> dict[str, str]:
        """Take a quarantined job up again: ``{"state", "state_history", "expected_version"}``, all optional."""
        check_admin(request, self._settings)
        body = members(await read_body(request), ("state", "state_history", "expected_version"))
        state, version = body.get("state"), body.get("expected_version")
        if state is not None and not isinstance(state, str):
            raise refuse(422, "state must be a text.")
        if version is not None and (isinstance(version, bool) or not isinstance(version, int) or abs(version) >= 2**63):
            raise refuse(422, "expected_version must be a whole number.")
        if await self._engine.store.job(job_id) is None:
            raise refuse(404, "Job not found")
        try:
            await self._engine.operations.resume(
                job_id, state=state, state_history=mapping(body, "state_history"), expected_version=version
            )
        except NotResumable as error:
            raise refuse(409, reason(error)) from error
        except InvalidJobData as error:
            raise refuse(422, reason(error)) from error
        return {"status": "resumed", "job_id": job_id}

    async def definitions(self, request: web.Request) -> dict[str, Any]:
        """The definitions registered here, and how many jobs wait for others, by where they stand."""
        check_admin(request, self._settings)
        waiting = await self._engine.operations.waiting_for_definition()
        return {
            "registered": {name: one.definition for name, one in self._engine.blueprints.items()},
            "waiting": [
                {
                    "blueprint": count.blueprint,
                    "definition": count.definition,
                    "state": count.state,
                    "status": count.status.value,
                    "jobs": count.number,
                }
                for count in waiting
            ],
        }

    async def reload_workers(self, request: web.Request) -> dict[str, Any]:
        """Read the tokens of single workers again."""
        check_admin(request, self._settings)
        if not self._settings.workers_file:
            raise refuse(400, "No workers_file is configured.")
        try:
            number = self._tokens.reload()
        except ConfigError as error:
            log.error("workers were not reloaded: %s", error)
            raise refuse(409, "The workers_file cannot be used, the former tokens stay; the log says why.") from error
        return {"status": "worker_configs_reloaded", "workers": number}
