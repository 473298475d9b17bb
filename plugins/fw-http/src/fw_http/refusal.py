"""From whatever goes wrong to a problem body; what is unexpected is logged and told to nobody."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from fw_http.plain_json import write_json
from fw_http.problem import Problem, title

log = logging.getLogger("fw_http")


async def problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Stands around everything else."""
    try:
        response = await handler(request)
        if not response.prepared and (len(response.headers) > 1 or "Content-Type" not in response.headers):
            for value in response.headers.values():
                if not value.isprintable():
                    _check(response)
        return response
    except Problem as problem:
        _cut_if_begun(request)
        return _dressed(problem, problem)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        _cut_if_begun(request)
        headers = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
        return _dressed(error, Problem(error.status, _detail(request, error), headers=headers))
    except Exception as error:
        if not isinstance(error, ConnectionError) or request.transport is not None:  # else the client has gone
            log.exception("%s %s failed", request.method, request.path)
        _cut_if_begun(request)
        return _dressed(error, Problem(500, "The server failed to answer; its log says why."))


def _check(response: web.StreamResponse) -> None:
    """Raises ValueError for a header that would become two."""
    for name, value in response.headers.items():
        if "\n" in value or "\r" in value or "\0" in value:
            raise ValueError(f"the header {name} of the answer contains a line break or NUL: {value!r}")


def _cut_if_begun(request: web.Request) -> None:
    """Ends a connection on which an answer has begun, so that the client does not take it for whole.

    Whatever is returned then goes nowhere.
    """
    if request.writer.output_size and request.transport is not None:
        request.transport.abort()


def _detail(request: web.Request, error: web.HTTPException) -> str:
    match error.status:
        case 404:
            return "Nothing is served at this path."
        case 405:
            return (
                f"This path does not answer {request.method}; it answers {error.headers.get('Allow', 'other methods')}."
            )
        case 413:
            return "The body is too large."
    return title(error.status)


def _dressed(error: Exception, problem: Problem) -> web.Response:
    """The answer, with the headers that a middleware left on the error when it let that pass."""
    made = answer(problem)
    made.headers.update(getattr(error, "answer_headers", {}))
    return made


def answer(problem: Problem) -> web.Response:
    """The response of a problem."""
    return web.Response(
        body=write_json(problem.body()),
        status=problem.status,
        headers=problem.headers,
        content_type="application/problem+json",
    )
