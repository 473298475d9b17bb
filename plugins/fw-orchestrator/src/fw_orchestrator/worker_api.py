"""The worker protocol over HTTP: registration, heartbeat, long poll, results."""

from __future__ import annotations

import math
from typing import TypeVar

from aiohttp import web

from fw_http.facade import Http
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.plain import NotPlain, check_levels
from fw_orchestrator.tokens import check_worker, refuse
from fw_rxon import (
    EVENTS_PATH,
    PROTOCOL_VERSION,
    REGISTER_PATH,
    RESULT_PATH,
    VERSION_HEADER,
    WORKER_ID_HEADER,
    AnswerStatus,
    Heartbeat,
    Record,
    Registered,
    Registration,
    ResultAnswer,
    TaskResult,
    WireError,
    WorkerEvent,
    check_identifier,
    decode,
    encode,
    heartbeat_path,
    poll_path,
)

R = TypeVar("R", bound=Record)

_HEADERS = {VERSION_HEADER: PROTOCOL_VERSION}


class WorkerApi:
    """Translates between requests and the :class:`Desk`. Every route needs the worker's token."""

    def __init__(self, desk: Desk, settings: OrchestratorSettings) -> None:
        self._desk = desk
        self._settings = settings

    def declare(self, http: Http) -> None:
        """Add the routes."""
        http.route(REGISTER_PATH, methods=["POST"])(self.register)
        http.route(heartbeat_path("{worker_id}"), methods=["PATCH"])(self.heartbeat)
        http.route(poll_path("{worker_id}"), methods=["GET"])(self.next_task)
        http.route(RESULT_PATH, methods=["POST"])(self.result)
        http.route(EVENTS_PATH, methods=["POST"])(self.event)

    async def register(self, request: web.Request) -> web.Response:
        """W1."""
        check_worker(request, self._settings)
        registration = await _read(request, Registration)
        identify(request, registration.worker_id)
        await self._desk.register(registration)
        return _answer(Registered(status=AnswerStatus.REGISTERED, version=PROTOCOL_VERSION))

    async def heartbeat(self, request: web.Request, worker_id: str) -> web.Response:
        """W2. An unknown worker gets a 404, upon which it registers again."""
        check_worker(request, self._settings)
        identify(request, worker_id)
        answer = await self._desk.heartbeat(worker_id, await _read(request, Heartbeat))
        if answer is None:
            raise refuse(404, "Worker not found")
        return _answer(answer)

    async def next_task(self, request: web.Request, worker_id: str) -> web.StreamResponse:
        """W3. Waits for the worker's ``timeout``; a task that its socket cannot take goes back to its queue."""
        check_worker(request, self._settings)
        identify(request, worker_id)
        skills = [skill for skill in request.query.get("available_skills", "").split(",") if skill]
        timeout = _seconds(request.query.get("timeout", "30"))

        def is_gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        task = await self._desk.next_task(worker_id, skills, timeout, is_gone)
        if task is None:
            return web.Response(status=204, headers=_HEADERS)
        answer = _answer(task)
        try:
            await answer.prepare(request)
            await answer.write_eof()
        except ConnectionError:
            await self._desk.put_back(task.task_id, worker_id)
        return answer

    async def result(self, request: web.Request) -> web.Response:
        """W4."""
        check_worker(request, self._settings)
        result = await _read(request, TaskResult)
        worker_id = result.worker_id or request.headers.get(WORKER_ID_HEADER) or ""
        identify(request, worker_id)
        return _answer(await self._desk.take_result(worker_id, result))

    async def event(self, request: web.Request) -> web.Response:
        """W5."""
        check_worker(request, self._settings)
        event = await _read(request, WorkerEvent)
        identify(request, event.worker_id)
        if not await self._desk.take_event(event.worker_id, event):
            raise refuse(403, "The worker does not hold the task that the event speaks of")
        return _answer(ResultAnswer(status=AnswerStatus.EVENT_ACCEPTED))


def identify(request: web.Request, worker_id: str) -> None:
    """Raises a 4xx problem if the request is another worker's, or the id is none."""
    if request.headers.get(WORKER_ID_HEADER, worker_id) != worker_id:
        raise refuse(403, "Unauthorized: Immediate sender ID mismatch")
    try:
        check_identifier(worker_id, "worker_id")
    except WireError as error:
        raise refuse(400, str(error)) from error


async def _read(request: web.Request, record: type[R]) -> R:
    try:
        body = await request.read() or b"{}"
        found = decode(body, record)
        check_levels(body)
    except web.HTTPRequestEntityTooLarge as error:
        raise refuse(413, "The body is too large") from error
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


def _answer(record: Record) -> web.Response:
    return web.Response(body=encode(record), content_type="application/json", headers=_HEADERS)
