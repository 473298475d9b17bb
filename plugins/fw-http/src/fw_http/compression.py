"""Compressed answers, where the client takes them and they are worth it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

LEAST = 1024
"""Bytes; less does not pay."""
_KINDS = {"application/json", "application/problem+json", "application/javascript", "image/svg+xml"}


@web.middleware
async def compressed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Compresses whole answers of text and JSON; streams and files are left as they are."""
    answer = await handler(request)
    if isinstance(answer, web.Response) and not answer.prepared and _is_worth_it(answer):
        answer.headers.add("Vary", "Accept-Encoding")
        answer.enable_compression()
    return answer


def _is_worth_it(answer: web.Response) -> bool:
    body = answer.body
    return (
        isinstance(body, bytes)
        and len(body) >= LEAST
        and (answer.content_type in _KINDS or answer.content_type.startswith("text/"))
        and "Content-Encoding" not in answer.headers
    )
