"""`Probes`: the answers to whoever watches over the application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from framework import App, Health
from fw_http.answers import answer
from fw_http.problem import Problem

FRESH = 1.0
"""Seconds for which a finding about the components is told again instead of asking them."""

_HEADERS = {"Cache-Control": "no-store"}


class Probes:
    """Answers ``PREFIX/live``, ``PREFIX/ready`` and ``PREFIX/startup``: 200, or 503 with the names of what is ill.

    However often they are asked, components are asked once in :data:`FRESH` seconds, and never for ``live``.
    """

    def __init__(self, app: App, prefix: str, *, details: bool = False) -> None:
        self._app = app
        self.prefix = prefix.rstrip("/")
        self._details = details
        self.paths = {f"{self.prefix}/{name}": name for name in ("live", "ready", "startup")} if self.prefix else {}
        self._asking: asyncio.Future[Health] | None = None
        self._asked = 0.0

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answer a request for one of the paths."""
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "A probe answers GET and HEAD.", headers={"Allow": "GET, HEAD"})
        name = self.paths[path]
        health = await self._app.health(checks=False)
        if health.ready and name == "ready":
            ill = await self._ill()
            health = replace(await self._app.health(checks=False), ill=ill)  # a stop may have begun meanwhile
            health = replace(health, ready=health.ready and not ill)
        if {"live": health.live, "ready": health.ready, "startup": health.started}[name]:
            body = json.dumps({"status": "ok"}).encode()
            return web.Response(body=body, content_type="application/json", headers=_HEADERS)
        failing: Any = dict(health.ill) if self._details else sorted(health.ill)
        detail = {"live": "The application is not live.", "startup": "The application is starting."}
        problem = Problem(503, detail.get(name, "The application is not ready."), extra={"failing": failing})
        problem.headers.update(_HEADERS)
        return answer(problem)

    async def _ill(self) -> Mapping[str, str]:
        loop = asyncio.get_running_loop()
        if self._asking is None or (self._asking.done() and loop.time() >= self._asked + FRESH):
            self._asking = loop.create_task(self._app.health())
            self._asking.add_done_callback(lambda _: setattr(self, "_asked", loop.time()))
        asking = self._asking
        await asyncio.wait([asking])
        return {} if asking.cancelled() else asking.result().ill

    def close(self) -> None:
        """Ask no more; who waits for an answer hears that the application is not ready."""
        if self._asking is not None:
            self._asking.cancel()
