"""What every answer tells: that the job store is out of order, and to workers the protocol's version."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from fw_http import Problem
from fw_orchestrator.store import StoreError
from fw_orchestrator.tokens import refuse
from fw_rxon import PROTOCOL_VERSION, VERSION_HEADER, WORKER_PREFIX

log = logging.getLogger("fw_orchestrator")

TEXT = "The job store cannot be used now; the server's log says why. Nothing was changed."

_HEADERS = {VERSION_HEADER: PROTOCOL_VERSION}


async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 503 instead of 500 where the store failed: whoever asks may ask again."""
    try:
        if _is_workers(request):
            return await _versioned(request, handler)
        return await handler(request)
    except StoreError as error:
        # One line, without a traceback: what failed is the store, not this request.
        log.error("%s %s was answered with 503: %s", request.method, request.path, error)
        raise refuse(503, TEXT, {"Retry-After": "1"}) from error


def _is_workers(request: web.Request) -> bool:
    """Whether its path is one of the protocol's; what nothing is escaped in needs not be decoded for that."""
    path = request.raw_path
    return (request.path if "%" in path or path[:1] != "/" else path).startswith(WORKER_PREFIX)


async def _versioned(request: web.Request, handler: Handler) -> web.StreamResponse:
    """With the version in every answer, those of paths that there are not included."""
    try:
        found = await handler(request)
    except Problem as problem:
        problem.headers.update(_HEADERS)
        raise
    except web.HTTPClientError as error:
        allowed = {name: value for name, value in error.headers.items() if name == "Allow"}
        raise refuse(error.status, error.reason, allowed) from error
    if not found.prepared:
        found.headers.update(_HEADERS)
    return found
