"""Compressed answers, where the client takes them and they are worth it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

LEAST = 1024
"""Bytes; less does not pay."""
_KINDS = {"application/json", "application/problem+json", "application/javascript", "image/svg+xml"}
_NOTHING = re.compile(r"q\s*=\s*0(?:\.0{0,3})?")


@web.middleware
async def compressed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Compresses whole answers of text and JSON with gzip; streams and files are left as they are."""
    answer = await handler(request)
    if isinstance(answer, web.Response) and not answer.prepared and _is_worth_it(answer):
        answer.headers.add("Vary", "Accept-Encoding")
        if takes_gzip(request.headers.getall("Accept-Encoding", ())):
            if answer.headers.get("ETag", "").startswith('"'):  # the bytes differ from those it was made for
                answer.headers["ETag"] = f"W/{answer.headers['ETag']}"
            answer.enable_compression(web.ContentCoding.gzip)
    return answer


def takes_gzip(accepted: Sequence[str]) -> bool:
    """Whether these ``Accept-Encoding`` headers let an answer be compressed: ``gzip;q=0`` does not."""
    weights: dict[str, bool] = {}
    for part in ",".join(accepted).lower().split(","):
        coding, *parameters = (word.strip() for word in part.split(";"))
        weights[coding] = not any(_NOTHING.fullmatch(parameter) for parameter in parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def _is_worth_it(answer: web.Response) -> bool:
    body = answer.body
    return (
        isinstance(body, bytes)
        and len(body) >= LEAST
        and (answer.content_type in _KINDS or answer.content_type.startswith("text/"))
        and "Content-Encoding" not in answer.headers
        and "Content-Range" not in answer.headers
        and "no-transform" not in answer.headers.get("Cache-Control", "")
    )
