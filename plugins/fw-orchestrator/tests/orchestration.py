"""A running orchestrator and those who talk to it over HTTP: a client, and workers that do what a test tells them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from framework import App
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.context import ActionFactory
from fw_orchestrator.engine import Engine
from fw_orchestrator.model import TERMINAL, Job, JobStatus
from fw_orchestrator.store import JobStore

PATIENCE = 30.0
"""Seconds after which something that should happen counts as not happening."""

CLIENT_TOKEN = "client-secret"
WORKER_TOKEN = "worker-secret"
ADMIN_TOKEN = "admin-secret"


@dataclass(frozen=True)
class Answer:
    """What came back: ``body`` is the JSON, or None where there is none."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Site:
    """A running App with the orchestrator, and a client of its API."""

    def __init__(self, app: App, session: aiohttp.ClientSession) -> None:
        self.app = app
        self.session = session
        self.engine = app.container.get(Engine)
        self.store: JobStore = self.engine.store

    async def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, data: Any = None, **options: Any
    ) -> Answer:
        """Send a request as it is."""
        url = self.app.http.url + path
        async with self.session.request(method, url, headers=headers, data=data, **options) as answer:
            text = await answer.read()
            return Answer(answer.status, json.loads(text) if text else None, answer.headers)

    async def get(self, path: str) -> Answer:
        """GET as the client."""
        return await self.call("GET", path, headers={"X-Client-Token": CLIENT_TOKEN})

    async def post(self, path: str, data: bytes) -> Answer:
        """POST bytes as the client."""
        headers = {"X-Client-Token": CLIENT_TOKEN, "Content-Type": "application/json"}
        return await self.call("POST", path, headers=headers, data=data)

    async def create(self, data: dict[str, Any] | None = None, *, path: str = "/api/jobs/flow", **more: Any) -> str:
        """A new job over HTTP; its id. ``more`` are further members of its body."""
        answer = await self.post(path, json.dumps({"initial_data": data or {}} | more).encode())
        assert answer.status == 202, answer.body
        return str(answer.body["job_id"])

    async def until(self, job_id: str, reached: Callable[[Job], bool]) -> Job:
        """Look at a job until it is as wanted."""
        async with asyncio.timeout(PATIENCE):
            while True:
                job = await self.store.job(job_id)
                assert job is not None
                if reached(job):
                    return job
                await asyncio.sleep(0.002)

    async def ended(self, job_id: str) -> Job:
        """The job, once it has ended."""
        return await self.until(job_id, lambda job: job.status in TERMINAL)

    async def waiting(self, job_id: str) -> Job:
        """The job, once its tasks have been dispatched."""
        waits = (JobStatus.WAITING_FOR_WORKER, JobStatus.WAITING_FOR_PARALLEL_TASKS)
        return await self.until(job_id, lambda job: job.status in waits)

    async def polls(self, count: int) -> None:
        """Return as soon as ``count`` polls wait."""
        async with asyncio.timeout(PATIENCE):
            while len(self.engine.pollers) != count:  # noqa: ASYNC110 - nothing announces that a request waits
                await asyncio.sleep(0.002)


class Clock:
    """A clock that a test moves: time passes, the clock does not jump."""

    def __init__(self, site: Site) -> None:
        self.now = 1000.0
        surroundings = site.engine.surroundings
        surroundings.clock = surroundings.steady = lambda: self.now


class Hand:
    """A worker by the protocol, one call at a time."""

    def __init__(self, site: Site, worker_id: str = "w1") -> None:
        self.site = site
        self.id = worker_id
        self.headers = {"X-Worker-Token": WORKER_TOKEN, "X-Worker-ID": worker_id, "X-RXON-Version": "1.0b17"}

    async def send(self, method: str, path: str, body: Any) -> Answer:
        """Send a JSON body (or bytes as they are)."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.site.call(
            method, path, headers={**self.headers, "Content-Type": "application/json"}, data=data
        )

    async def register(self, **members: Any) -> Answer:
        """W1."""
        skills = [{"name": "echo", "type": "echo"}]
        body = {"worker_id": self.id, "supported_skills": skills, "timestamp": 1795295011, **members}
        return await self.send("POST", "/_worker/workers/register", body)

    async def heartbeat(self, *tasks: str) -> Answer:
        """W2."""
        body = {"worker_id": self.id, "status": "idle", "current_tasks": list(tasks)}
        return await self.send("PATCH", f"/_worker/workers/{self.id}", body)

    async def poll(self, *skills: str, timeout: float = 3600) -> Answer:
        """W3; after W1 if the worker is unknown."""
        query = f"timeout={timeout}&available_skills={','.join(skills or ('echo',))}&hot_skills="
        path = f"/_worker/workers/{self.id}/tasks/next?{query}"
        answer = await self.site.call("GET", path, headers=self.headers)
        if answer.status != 404:
            return answer
        await self.register()
        return await self.site.call("GET", path, headers=self.headers)

    async def task(self, *skills: str) -> dict[str, Any]:
        """The next task; there must be one."""
        answer = await self.poll(*skills)
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    async def hand_in(self, task: Mapping[str, Any], **members: Any) -> Answer:
        """W4; a success unless ``members`` say otherwise."""
        body = {"job_id": task["job_id"], "task_id": task["task_id"], "worker_id": self.id, **members}
        return await self.send("POST", "/_worker/tasks/result", body)

    async def fail(self, task: Mapping[str, Any], code: str | None, message: str = "no luck") -> Answer:
        """W4, a failure."""
        error = {} if code is None else {"error": {"code": code, "message": message}}
        return await self.hand_in(task, status="failure", **error)

    async def event(self, task: Mapping[str, Any], payload: Any, kind: str = "progress") -> Answer:
        """W5."""
        return await self.send("POST", "/_worker/events", self.event_body(task, payload, kind))

    def event_body(self, task: Mapping[str, Any], payload: Any, kind: str = "progress") -> dict[str, Any]:
        """What an event says."""
        return {
            "event_id": "e-1",
            "worker_id": self.id,
            "origin_worker_id": self.id,
            "event_type": kind,
            "payload": payload,
            "target_job_id": task["job_id"],
            "target_task_id": task["task_id"],
        }


@asynccontextmanager
async def site(
    *blueprints: StateMachineBlueprint,
    store: JobStore | None = None,
    http: Mapping[str, Any] | None = None,
    prepare: Callable[[App], object] = lambda _app: None,
    **settings: Any,
) -> AsyncIterator[Site]:
    """A running App; on a memory store of its own unless one is given."""
    tokens = {"client_token": CLIENT_TOKEN, "worker_token": WORKER_TOKEN, "admin_token": ADMIN_TOKEN}
    orchestrator = {**tokens, "retry_delay": 0.0, **settings}
    app = App(
        "t", plugins=["orchestrator"], defaults={"http": {"port": 0, **(http or {})}, "orchestrator": orchestrator}
    )
    prepare(app)
    for blueprint in blueprints:
        app.orchestrator.register_blueprint(blueprint)
    if store is not None:
        app.provide(JobStore, lambda: store)
    async with app, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
        yield Site(app, session)


def flow(
    start: Callable[..., Any], *, name: str = "flow", api_version: str | None = None, ends: tuple[str, ...] = ("done",)
) -> StateMachineBlueprint:
    """A blueprint with this handler at the start, and ends that do nothing."""
    blueprint = StateMachineBlueprint(name, api_version=api_version, api_endpoint=f"/jobs/{name}")
    blueprint.handler_for("start", is_start=True)(start)
    for state in ends:
        blueprint.handler_for(state, is_end=True)(nothing)
    return blueprint


def nothing() -> None:
    """An end."""


def one_task(**transitions: str) -> StateMachineBlueprint:
    """One task of skill ``echo`` with the initial data as its params; success leads to ``done``."""

    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.dispatch_task("echo", initial_data, transitions={"success": "done"} | transitions)

    return flow(start, ends=("done", *sorted({*transitions.values()} - {"done"})))


def fan_out(count: int, require: Any = "all", **options: Any) -> StateMachineBlueprint:
    """``count`` tasks of skill ``echo``; the aggregator keeps what it is given and goes to ``done``."""

    def start(actions: ActionFactory) -> None:
        tasks = [{"task_type": "echo", "params": {"number": number}} for number in range(count)]
        actions.dispatch_parallel(tasks, aggregate_into="sum", require=require, **options)

    def aggregate(aggregation_results: dict[str, Any], state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["done"] = list(aggregation_results.values())
        actions.transition_to("done")

    blueprint = flow(start)
    blueprint.aggregator_for("sum")(aggregate)
    return blueprint
