"""W6: the WebSocket of a worker. Down: commands. Up: events."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import WSCloseCode, WSMsgType, web

from fw_http import Problem
from fw_orchestrator.desk import Desk
from fw_orchestrator.endpoints import Endpoints
from fw_orchestrator.plain import NotPlain, check_levels
from fw_orchestrator.replays import Replays
from fw_orchestrator.worker_api import NOT_SIGNED_OF_EVENTS, WORKERS
from fw_orchestrator.worker_gate import Caller, WorkerGate
from fw_orchestrator.worker_links import Link, WorkerLinks
from fw_rxon import (
    CANCEL_TASK,
    PROTOCOL_VERSION,
    VERSION_HEADER,
    Command,
    WireError,
    WorkerEvent,
    decode,
    encode,
    socket_path,
)

log = logging.getLogger("fw_orchestrator")

HEARTBEAT = 30.0
"""Seconds between two pings; a worker that does not answer is unlinked."""


class WorkerSocket:
    """Keeps one WebSocket per worker that opens one."""

    def __init__(self, desk: Desk, links: WorkerLinks, gate: WorkerGate, replays: Replays) -> None:
        self._desk = desk
        self._links = links
        self._gate = gate
        self._replays = replays

    def declare(self, endpoints: Endpoints) -> None:
        """Add the route."""
        path, words = socket_path("{worker_id}"), "WebSocket: commands down, events up"
        endpoints.add("GET", path, self.connect, words, who="worker", group=WORKERS)

    async def connect(self, request: web.Request, worker_id: str) -> web.StreamResponse:
        """Speak with a worker until one side ends it; a second connection of the same worker replaces the first."""
        caller = self._gate.admit(request, worker_id)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        if not socket.can_prepare(request).ok:
            raise web.HTTPUpgradeRequired(text='{"error": "This is a WebSocket"}', content_type="application/json")
        socket.headers[VERSION_HEADER] = PROTOCOL_VERSION
        await socket.prepare(request)
        with self._links.open(worker_id) as link:
            commands = asyncio.create_task(_send_commands(socket, link), name=f"commands to {worker_id}")
            try:
                await self._take_events(socket, caller, worker_id)
            finally:
                commands.cancel()
                await asyncio.gather(commands, return_exceptions=True)
        return socket

    async def _take_events(self, socket: web.WebSocketResponse, caller: Caller, worker_id: str) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                event = self._event(message.data.encode(), caller, worker_id)
            except (WireError, NotPlain, Problem) as error:
                log.warning("worker %s sent no event: %s", worker_id, error)
                continue
            if not await self._desk.take_event(worker_id, event):
                log.warning("worker %s sent an event of a task that it does not hold", worker_id)

    def _event(self, text: bytes, caller: Caller, worker_id: str) -> WorkerEvent:
        event = decode(text, WorkerEvent)
        check_levels(text)
        self._gate.identify(caller, event.worker_id)
        signature = self._gate.verify(
            caller, worker_id, text, event.security, event.timestamp, without=NOT_SIGNED_OF_EVENTS
        )
        self._replays.check_event(signature)
        return event


async def _send_commands(socket: web.WebSocketResponse, link: Link) -> None:
    while (task := await link.orders.get()) is not None:
        command = Command(command=CANCEL_TASK, task_id=task.id, job_id=task.job_id)
        await socket.send_str(encode(command).decode())
    code = WSCloseCode.POLICY_VIOLATION if link.replaced else WSCloseCode.GOING_AWAY
    await socket.close(code=code)
