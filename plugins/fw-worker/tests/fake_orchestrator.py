"""An orchestrator made of a list of tasks and what was heard: the other end of the wire, on a real socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self

from aiohttp import web

from fw_rxon import TaskMessage, encode

PATIENCE = 30.0
"""Seconds after which something that should happen counts as not happening."""

TOKEN = "let-me-in"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeOrchestrator:
    """Speaks the worker protocol and keeps what it hears.

    `answers` holds, per endpoint (`register`, `heartbeat`, `poll`, `result`, `event`, `socket`), responses to give
    before the usual ones; an exception in it cuts the connection.
    """

    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = {"register": [], "heartbeat": [], "poll": [], "result": [], "event": []}
        self.raw_results: list[bytes] = []
        self.answers: dict[str, list[web.Response | Exception]] = {}
        self.tasks: list[bytes] = []
        self.cancel: list[str] = []
        self.full_sync = False
        self.sockets: list[web.WebSocketResponse] = []
        self.open_polls = 0
        self.most_polls = 0
        self.port = 0
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.issued: list[str] = []
        """Access tokens that were given out; only the last one is good."""
        self.shown: dict[str, list[str]] = {}
        """The tokens that came with the requests of each endpoint."""
        self.life = 3600

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen, on the port of last time if there was one."""
        app = web.Application()
        app.router.add_post("/_worker/workers/register", self._endpoint("register", self._register))
        app.router.add_patch("/_worker/workers/{id}", self._endpoint("heartbeat", self._heartbeat))
        app.router.add_get("/_worker/workers/{id}/tasks/next", self._endpoint("poll", self._poll))
        app.router.add_post("/_worker/tasks/result", self._endpoint("result", self._result))
        app.router.add_post("/_worker/events", self._endpoint("event", self._event))
        app.router.add_post("/_worker/auth/token", self._endpoint("issue", self._issue))
        app.router.add_post("/_worker/auth/token/refresh", self._endpoint("refresh", self._issue))
        app.router.add_get("/_worker/ws/{id}", self._listen)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def close(self) -> None:
        """Stop listening and cut all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def give(self, task_id: str, skill: str, params: dict[str, Any] | None = None, **more: Any) -> None:
        """Hand out a task at the next poll."""
        message = TaskMessage(job_id=f"job-of-{task_id}", task_id=task_id, type=skill, params=params or {}, **more)
        await self.give_raw(encode(message))

    async def give_raw(self, *documents: bytes) -> None:
        self.tasks.extend(documents)
        await self._notify()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was heard satisfies a condition."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    async def result(self, task_id: str) -> Any:
        """The result of a task, once it has come."""
        await self.until(lambda: any(found["task_id"] == task_id for found in self.heard["result"]))
        return next(found for found in self.heard["result"] if found["task_id"] == task_id)

    async def beats(self, condition: Callable[[Any], bool]) -> None:
        """Wait until the last heartbeat is as wanted."""
        await self.until(lambda: bool(self.heard["heartbeat"]) and condition(self.heard["heartbeat"][-1]))

    async def count(self, endpoint: str, number: int) -> list[Any]:
        """What an endpoint heard, once it has heard that much."""
        await self.until(lambda: len(self.heard[endpoint]) >= number)
        return self.heard[endpoint]

    def refuse(self, endpoint: str, *answers: web.Response | Exception) -> None:
        """Answer the next requests of an endpoint so."""
        self.answers.setdefault(endpoint, []).extend(answers)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _endpoint(self, name: str, usual: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("X-Worker-Token", "")
            self.shown.setdefault(name, []).append(token)
            self.heard.setdefault(name, []).append(await _heard(request))
            if name == "result":
                self.raw_results.append(await request.read())
            await self._notify()
            if self.answers.get(name):
                answer = self.answers[name].pop(0)
                if isinstance(answer, Exception):
                    assert request.transport is not None
                    request.transport.abort()
                    raise answer
                return answer
            if name != "refresh" and token not in (TOKEN, *self.issued[-1:]):
                if token in self.issued:
                    return error(401, "Unauthorized: the access token has expired")
                return web.json_response({"error": "Unauthorized: bad token"}, status=403)
            return await usual(request)

        return handle

    async def _register(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "registered", "version": "1.0b17"})

    async def _heartbeat(self, request: web.Request) -> web.StreamResponse:
        answer = {"status": "ok", "cancel_task_ids": self.cancel, "require_full_sync": self.full_sync}
        self.full_sync = False
        return web.json_response(answer)

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        self.open_polls += 1
        self.most_polls = max(self.most_polls, self.open_polls)
        try:
            async with asyncio.timeout(float(request.query["timeout"])), self._changed:
                skills = request.query["available_skills"].split(",")
                await self._changed.wait_for(lambda: self._task_for(skills) is not None)
                task = self._task_for(skills)
                assert task is not None
                self.tasks.remove(task)
                return web.Response(body=task, content_type="application/json")
        except TimeoutError:
            return web.Response(status=204)
        finally:
            self.open_polls -= 1

    def _task_for(self, skills: list[str]) -> bytes | None:
        """The first task of one of these skills, or of one that no worker has."""
        known = {skill["name"] for one in self.heard["register"] for skill in one.get("supported_skills", ())}
        return next((task for task in self.tasks if _skill(task) in skills or _skill(task) not in known), None)

    async def _issue(self, request: web.Request) -> web.StreamResponse:
        self.issued.append(f"access-{len(self.issued)}")
        return web.json_response(
            {
                "access_token": self.issued[-1],
                "expires_in": self.life,
                "worker_id": request.headers["X-Worker-ID"],
                "refresh_token": f"refresh-{len(self.issued)}",
            }
        )

    async def _result(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "accepted"})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        self.shown.setdefault("socket", []).append(request.headers.get("X-Worker-Token", ""))
        if self.answers.get("socket"):
            answer = self.answers["socket"].pop(0)
            assert isinstance(answer, web.Response)
            return answer
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        self.sockets.append(connection)
        await self._notify()
        async for _ in connection:
            raise AssertionError("this worker sends its events by HTTP")
        return connection

    async def _event(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "event_accepted"})


def error(status: int, text: str = "as told", **headers: str) -> web.Response:
    """An error answer of the worker API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"error": text}, status=status, headers=named)


def statuses(heartbeats: Iterable[Any]) -> list[str]:
    """The statuses of heartbeats."""
    return [heartbeat["status"] for heartbeat in heartbeats]


async def _heard(request: web.Request) -> Any:
    return dict(request.query) if request.method == "GET" else json.loads(await request.read())


def _skill(task: bytes) -> Any:
    """What a task is for; None where that cannot be seen."""
    try:
        return json.loads(task)["type"]
    except (ValueError, KeyError, TypeError):
        return None
