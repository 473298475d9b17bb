"""W6: the WebSocket of a worker. Down: commands. Up: events."""

from __future__ import annotations

import asyncio
import json
import logging

from aiohttp import WSCloseCode, WSMsgType, web

from fw_http.facade import Http
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.model import Task
from fw_orchestrator.plain import NotPlain, check_levels
from fw_orchestrator.tokens import check_worker
from fw_orchestrator.worker_api import identify
from fw_orchestrator.worker_links import Link, WorkerLinks
from fw_rxon import WireError, WorkerEvent, decode

log = logging.getLogger("fw_orchestrator")

HEARTBEAT = 30.0
"""Seconds between two pings; a worker that does not answer is unlinked."""


class WorkerSocket:
    """Keeps one WebSocket per worker that opens one."""

    def __init__(self, desk: Desk, links: WorkerLinks, settings: OrchestratorSettings) -> None:
        self._desk = desk
        self._links = links
        self._settings = settings

    def declare(self, http: Http) -> None:
        """Add the route."""
        http.route("/_worker/ws/{worker_id}")(self.connect)

    async def connect(self, request: web.Request, worker_id: str) -> web.StreamResponse:
        """Speak with a worker until one side ends it; a second connection of the same worker replaces the first."""
        check_worker(request, self._settings)
        identify(request, worker_id)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        if not socket.can_prepare(request).ok:
            raise web.HTTPUpgradeRequired(text='{"error": "This is a WebSocket"}', content_type="application/json")
        await socket.prepare(request)
        with self._links.open(worker_id) as link:
            commands = asyncio.create_task(_send_commands(socket, link), name=f"commands to {worker_id}")
            try:
                await self._take_events(socket, worker_id)
            finally:
                commands.cancel()
                await asyncio.gather(commands, return_exceptions=True)
        return socket

    async def _take_events(self, socket: web.WebSocketResponse, worker_id: str) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            text = message.data.encode()
            try:
                event = decode(text, WorkerEvent)
                check_levels(text)
            except (WireError, NotPlain) as error:
                log.warning("worker %s sent no event: %s", worker_id, error)
                continue
            if event.worker_id != worker_id or not await self._desk.take_event(worker_id, event):
                log.warning("worker %s sent an event of a task that it does not hold", worker_id)


async def _send_commands(socket: web.WebSocketResponse, link: Link) -> None:
    while (task := await link.orders.get()) is not None:
        await socket.send_str(json.dumps(_command(task)))
    code = WSCloseCode.POLICY_VIOLATION if link.replaced else WSCloseCode.GOING_AWAY
    await socket.close(code=code)


def _command(task: Task) -> dict[str, str]:
    return {"command": "cancel_task", "task_id": task.id, "job_id": task.job_id}
