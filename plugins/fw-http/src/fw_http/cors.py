"""Pages of other sites: which may read answers (CORS), and which may open WebSockets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from fw_http.origins import Origins
from fw_http.problem import Problem

_MAX_AGE = "600"
_NAMES = re.compile(r"[A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+)*")


class Cors:
    """Lets the pages of some origins read answers.

    ``credentials`` lets them send cookies; ``exposed`` are headers of answers that they may see beside the usual ones.
    """

    def __init__(self, origins: Sequence[str], *, credentials: bool, exposed: Sequence[str]) -> None:
        self._origins = Origins(origins)
        self._credentials = credentials
        self._exposed = ", ".join(exposed)

    @property
    def middleware(self) -> Middleware:
        """Answers preflights."""

        @web.middleware
        async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
                return await handler(request)
            answer = web.Response(status=204)
            if self._allows(request):
                answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE"
                answer.headers["Access-Control-Max-Age"] = _MAX_AGE
                wanted = request.headers.get("Access-Control-Request-Headers", "")
                if _NAMES.fullmatch(wanted):
                    answer.headers["Access-Control-Allow-Headers"] = wanted
            return answer

        return preflight

    async def dress(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add to any answer, errors and streams too, what lets the page read it."""
        if not self._origins.all:
            response.headers.add("Vary", "Origin")
        if self._allows(request):
            own = request.headers["Origin"]
            response.headers["Access-Control-Allow-Origin"] = "*" if self._origins.all else own
            if self._exposed:
                response.headers["Access-Control-Expose-Headers"] = self._exposed
            if self._credentials:
                response.headers["Access-Control-Allow-Credentials"] = "true"

    def _allows(self, request: web.Request) -> bool:
        return self._origins.allow(request.headers.get("Origin"))


def check_origin(request: web.Request, allowed: Origins) -> None:
    """Refuse a browser's handshake from a page of another site: it would carry the user's cookies.

    Raises :class:`Problem` 403.
    """
    origin = request.headers.get("Origin")
    if origin is None or allowed.allow(origin):
        return
    if urlsplit(origin).netloc.lower() != request.host.lower():
        raise Problem(403, "Pages of other sites may not open this WebSocket.")
