"""Problems as the server itself answers them: as responses, and as bytes where there is no request to respond to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from fw_http.problem import Problem, title

PROBLEM_TYPE = "application/problem+json"


def answer(problem: Problem) -> web.Response:
    """A response that ends the connection: what follows on it cannot be trusted, or should go elsewhere."""
    response = web.Response(
        status=problem.status, body=_body(problem.body()), headers=problem.headers, content_type=PROBLEM_TYPE
    )
    response.headers["Connection"] = "close"
    response.force_close()
    return response


def server_failed() -> web.Response:
    """What a client is told of an error that it has no part in: nothing."""
    return answer(Problem(500, "The server failed to answer; its log says why."))


def raw_answer(status: int, detail: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The same as bytes."""
    body = _body(Problem(status, detail).body())
    lines = [
        f"HTTP/1.1 {status} {title(status)}",
        f"Content-Type: {PROBLEM_TYPE}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
        "Connection: close",
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def unreadable(error: BaseException | None, *, in_line: bool) -> Problem:
    """What to answer to a head that the parser refused; ``in_line``, if it did so within the request line.

    The parser's own words repeat the bytes that it refused, so they are not used.
    """
    if isinstance(error, LineTooLong):
        if in_line:
            return Problem(414, "The request line is too long.")
        return Problem(431, "A header is too long.")
    if isinstance(error, HttpProcessingError) and error.message == "Too many headers received":
        return Problem(431, "There are too many headers.")
    return Problem(400, "This is no valid HTTP/1.1 request.")


def _body(members: Any) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
