"""Each HTTP request: the id that ties its lines together, and one line about it, written straight to the queue."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from fw_logging.access_line import AccessLines, logger
from fw_logging.config import LoggingSettings
from fw_logging.context import ID, chosen_id, context

CANCELLED = 499
"""The status shown for a request whose client went away, or that was cancelled: none was sent."""

Handler = Callable[[Any], Awaitable[Any]]


def middleware(lines: AccessLines, settings: LoggingSettings) -> Callable[[Any, Handler], Awaitable[Any]]:
    """The middleware of one App. Requests and responses are aiohttp's, which need not be installed."""
    header, wanted = settings.request_id_header, settings.access

    async def log_request(request: Any, handler: Handler) -> Any:
        started = perf_counter()
        headers = request.headers
        identifier = chosen_id(headers.get(header), headers.get("traceparent"))
        outer = context.get()
        token = context.set({**outer, ID: identifier} if outer else {ID: identifier})
        status, answer = CANCELLED, None
        try:
            answer = await handler(request)
            status = answer.status
            if not answer.prepared:
                answer.headers[header] = identifier
            context.reset(token)
            return answer
        except Exception as error:
            status = _status(error)
            error.answer_headers = {header: identifier}  # type: ignore[attr-defined] # for what fw-http makes of it
            # The context stays: the door is about to log the error. The connection's next request sets its own id.
            raise
        finally:
            if wanted and logger.isEnabledFor(logging.INFO):
                lines.write(request, identifier, status, _size(answer), perf_counter() - started)

    return log_request


def _status(error: Exception) -> int:
    """What the door makes of an error: it has a status of its own, or it is the server's fault."""
    status = getattr(error, "status", None)
    return status if isinstance(status, int) and status >= 300 else 500


def _size(answer: Any) -> int | None:
    """Bytes of the body; None where there is no answer, and for one that is streamed, whose length nobody knows yet."""
    if type(getattr(answer, "body", None)) is bytes and not answer.chunked:  # most are; the general way costs more
        return len(answer.body)
    size: int | None = answer.content_length if answer is not None else None
    return size
