"""What those who ask are told while the job store is out of order."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from fw_orchestrator.store import StoreError
from fw_orchestrator.tokens import refuse

log = logging.getLogger("fw_orchestrator")

TEXT = "The job store cannot be used now; the server's log says why. Nothing was changed."


async def unavailable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 503 instead of 500 where the store failed: whoever asks may ask again."""
    try:
        return await handler(request)
    except StoreError as error:
        # One line, without a traceback: what failed is the store, not this request.
        log.error("%s %s was answered with 503: %s", request.method, request.path, error)
        raise refuse(503, TEXT, {"Retry-After": "1"}) from error
