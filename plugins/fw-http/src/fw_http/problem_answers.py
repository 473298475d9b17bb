"""From whatever goes wrong in a handler to a problem body."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiohttp import web

from fw_http.plain_json import write_json
from fw_http.problem import Problem, title

if TYPE_CHECKING:
    from fw_http.connection import Connection


def check_headers(response: web.StreamResponse) -> None:
    """Raises ValueError for a header that would become two."""
    for name, value in response.headers.items():
        if value.isprintable():
            continue
        if "\n" in value or "\r" in value or "\0" in value:
            raise ValueError(f"the header {name} of the answer contains a line break or NUL: {value!r}")


def cut_if_begun(request: web.Request) -> None:
    """Ends a connection on which an answer has begun, so that the client does not take it for whole.

    Whatever is returned then goes nowhere.
    """
    if request.writer.output_size and request.transport is not None:
        cast("Connection", request.protocol).flush()
        request.transport.abort()


def problem_of(request: web.Request, error: web.HTTPException) -> Problem:
    """What aiohttp says with an exception, in our words."""
    headers = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
    return Problem(error.status, _detail(request, error), headers=headers)


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


def dressed(error: Exception, problem: Problem) -> web.Response:
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
