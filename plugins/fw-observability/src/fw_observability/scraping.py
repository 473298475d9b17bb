"""The page that Prometheus reads, on the application's own HTTP server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from framework import App
from fw_observability.config import ObservabilitySettings
from fw_observability.facade import Metrics

if TYPE_CHECKING:
    from fw_observability.exposition import Exposition


class Page:
    """Answers with the metrics of one App. prometheus_client is imported when it is asked for the first time."""

    def __init__(self, app: App, settings: ObservabilitySettings) -> None:
        self._metrics = app.facade(Metrics)
        self._settings = settings
        self._exposition: Exposition | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """In the format that ``Accept`` asks for; written in a thread, so that nobody waits for it."""
        accept = ",".join(request.headers.getall("Accept", []))
        text, content_type = await asyncio.to_thread(self._text, accept)
        return web.Response(body=text, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    def _text(self, accept: str) -> tuple[bytes, str]:
        if self._exposition is None:
            from fw_observability.exposition import Exposition

            self._exposition = Exposition(self._metrics, self._settings)
        return self._exposition.text(accept)


def serve_page(app: App, settings: ObservabilitySettings) -> None:
    """Declare the route."""
    page = Page(app, settings)

    async def metrics(request: web.Request) -> web.StreamResponse:
        return await page.answer(request)

    app.http.route(settings.path, hidden=True)(metrics)
