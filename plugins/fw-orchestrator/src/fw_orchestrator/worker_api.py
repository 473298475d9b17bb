"""The worker protocol over HTTP: registration, heartbeat, long poll, results."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import partial
from typing import Any, Protocol, TypeVar

from aiohttp import web
from msgspec.structs import replace
from multidict import CIMultiDict

from fw_http.connection import send_now
from fw_http.whole import whole
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.plain import NotPlain, check_levels
from fw_orchestrator.replays import Replays
from fw_orchestrator.tokens import refuse, too_large
from fw_orchestrator.worker_gate import Caller, WorkerGate
from fw_rxon import (
    EVENTS_PATH,
    PROTOCOL_VERSION,
    REGISTER_PATH,
    RESULT_PATH,
    VERSION_HEADER,
    AnswerStatus,
    Heartbeat,
    Record,
    Registered,
    Registration,
    ResultAnswer,
    TaskMessage,
    TaskResult,
    WireError,
    WorkerEvent,
    decode,
    encode,
    heartbeat_path,
    poll_path,
    sign,
)

R = TypeVar("R", bound=Record)

NOT_SIGNED_OF_EVENTS = ("bubbling_chain",)
"""Orchestrators on an event's way upwards add themselves to it."""

WORKERS = "Worker protocol"
"""The heading of what workers call."""

_HEADERS = {VERSION_HEADER: PROTOCOL_VERSION}
_JSON = CIMultiDict({"Content-Type": "application/json", **_HEADERS})


class WorkerApi:
    """Translates between requests and the :class:`Desk`. Every route needs the worker's token."""

    def __init__(self, desk: Desk, gate: WorkerGate, replays: Replays, settings: OrchestratorSettings) -> None:
        self._desk = desk
        self._gate = gate
        self._replays = replays
        self._settings = settings

    def declare(self, endpoints: Endpoints) -> None:
        """Add the routes."""
        add = partial(endpoints.add, who="worker", group=WORKERS)
        example: dict[str, Any] = {"worker_id": "w1", "supported_skills": [{"name": "echo"}]}
        add("POST", REGISTER_PATH, self.register, "Register", takes=Registration, example=example)
        beat, example = heartbeat_path("{worker_id}"), {"status": "idle", "current_tasks": []}
        add("PATCH", beat, self.heartbeat, "Heartbeat", takes=Heartbeat, example=example)
        query = {name: {"type": "string"} for name in ("available_skills", "hot_skills")}
        query |= {"timeout": {"type": "number", "minimum": 0}}  # type: ignore[dict-item]
        add("GET", poll_path("{worker_id}"), self.next_task, "Wait for a task", query=query)
        example = {"job_id": "", "task_id": "", "worker_id": "w1", "data": {}}
        add("POST", RESULT_PATH, self.result, "Hand in a result", takes=TaskResult, example=example)
        example = {"event_id": "1", "worker_id": "w1", "origin_worker_id": "w1", "event_type": "progress"}
        example |= {"payload": {"progress": 0.5}, "target_task_id": ""}
        add("POST", EVENTS_PATH, self.event, "Report progress or an event", takes=WorkerEvent, example=example)

    async def register(self, request: web.Request) -> web.Response:
        """W1."""
        caller = self._gate.admit(request)
        registration = await read(request, Registration)
        self._gate.identify(caller, registration.worker_id)
        signature = await self._verify(request, caller, registration.worker_id, registration)
        await self._replays.check_registration(signature)
        await self._desk.register(registration)
        return answer(Registered(status=AnswerStatus.REGISTERED, version=PROTOCOL_VERSION))

    async def heartbeat(self, request: web.Request, worker_id: str) -> web.Response:
        """W2. An unknown worker gets a 404, upon which it registers again."""
        caller = self._gate.admit(request, worker_id)
        heartbeat = await read(request, Heartbeat)
        self._gate.identify(caller, heartbeat.worker_id or worker_id)
        await self._verify(request, caller, worker_id, heartbeat)
        wanted = await self._desk.heartbeat(worker_id, heartbeat)
        if wanted is None:
            raise refuse(404, "Worker not found")
        return answer(wanted)

    async def next_task(self, request: web.Request, worker_id: str) -> web.StreamResponse:
        """W3. Waits for the worker's ``timeout``; a task that its socket cannot take goes back to its queue.

        An unknown worker gets a 404, as with its heartbeat: what it can do is not known.
        """
        self._gate.admit(request, worker_id)
        skills = [skill for skill in request.query.get("available_skills", "").split(",") if skill]
        timeout = _seconds(request.query.get("timeout", "30"))

        if not await self._desk.knows(worker_id):
            raise refuse(404, "Worker not found")

        def is_gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        task = await self._desk.next_task(worker_id, skills, timeout, is_gone)
        if task is None:
            return web.Response(status=204)
        handed_out = answer(self._signed(task))
        try:
            await send_now(request, handed_out)
        except ConnectionError:
            await self._desk.put_back(task.task_id, worker_id)
        return handed_out

    async def result(self, request: web.Request) -> web.Response:
        """W4."""
        caller = self._gate.admit(request)
        result = await read(request, TaskResult)
        worker_id = result.worker_id or caller.worker_id or ""
        self._gate.identify(caller, worker_id)
        # However late: what ended during an outage of an hour is handed in after it, with the time at which it ended.
        await self._verify(request, caller, worker_id, result, lasting=True)
        return answer(await self._desk.take_result(worker_id, result))

    async def event(self, request: web.Request) -> web.Response:
        """W5."""
        caller = self._gate.admit(request)
        event = await read(request, WorkerEvent)
        self._gate.identify(caller, event.worker_id)
        signature = await self._verify(request, caller, event.worker_id, event, without=NOT_SIGNED_OF_EVENTS)
        self._replays.check_event(signature)
        if not await self._desk.take_event(event.worker_id, event):
            raise refuse(403, "The worker does not hold the task that the event speaks of")
        return answer(ResultAnswer(status=AnswerStatus.EVENT_ACCEPTED))

    async def _verify(
        self,
        request: web.Request,
        caller: Caller,
        worker_id: str,
        message: _Signed,
        *,
        without: Collection[str] = (),
        lasting: bool = False,
    ) -> str | None:
        body = await request.read()
        return self._gate.verify(
            caller, worker_id, body, message.security, message.timestamp, without=without, lasting=lasting
        )

    def _signed(self, task: TaskMessage) -> TaskMessage:
        """The task with a signature, by which a worker that knows the key tells that it comes from us."""
        key = self._settings.secret_key
        return replace(task, sig=sign(encode(task), key, without=("sig",))) if key else task


class _Signed(Protocol):
    """A message that may be signed."""

    @property
    def security(self) -> dict[str, Any] | None: ...

    @property
    def timestamp(self) -> int | None: ...


async def read(request: web.Request, record: type[R]) -> R:
    """The body as a message; 400 names what is wrong with it."""
    try:
        body = await request.read() or b"{}"
        found = decode(body, record)
        check_levels(body)
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large(request) from error
    except WireError as error:
        raise refuse(400, str(error)) from error
    except NotPlain as error:
        raise refuse(400, f"{record.__name__}: $: {error}") from error
    return found


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise refuse(400, "timeout must be a number of seconds, 0 or more")
    return seconds


def answer(record: Record) -> web.Response:
    """A message as the answer to a request."""
    return whole(encode(record), 200, _JSON)
