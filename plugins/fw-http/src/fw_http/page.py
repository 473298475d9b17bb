"""The document and the page that shows it. Nothing on it comes from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from fw_http.config import HttpSettings

if TYPE_CHECKING:
    from fw_http.openapi import Document

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def docs_routes(document: Document, settings: HttpSettings) -> Iterator[tuple[str, AioHandler]]:
    """Path and handler of each; none where the settings switch them off."""
    if not settings.openapi:
        return

    async def openapi(request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(lambda: document.text), content_type="application/json")

    yield settings.openapi, openapi
    if settings.docs:
        path = settings.docs.rstrip("/")
        yield path, _asset("docs.html", {"{docs}": path, "{openapi}": settings.openapi})
        yield f"{path}/docs.js", _asset("docs.js", {})
        yield f"{path}/docs.css", _asset("docs.css", {})


def _asset(name: str, replaced: dict[str, str]) -> AioHandler:
    headers = {
        "Content-Type": f"{_KINDS[name.rpartition('.')[2]]}; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }

    async def asset(request: web.Request) -> web.Response:
        from importlib.resources import files

        text = files("fw_http").joinpath("docs", name).read_text("utf-8")
        for mark, value in replaced.items():
            text = text.replace(mark, value)
        return web.Response(body=text.encode("utf-8"), headers=headers)

    return asset
