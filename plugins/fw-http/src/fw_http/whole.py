"""Whole answers: head and body in one write, the bytes that aiohttp would send, without its steps between."""

# ruff: noqa: SLF001 - the state of aiohttp's answers is private; tests/test_seams.py names every piece that is used

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from aiohttp import web
from aiohttp.compression_utils import MAX_SYNC_CHUNK_SIZE
from aiohttp.hdrs import CONTENT_LENGTH, CONTENT_TYPE, DATE
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http_writer import HttpVersion11, StreamWriter, _serialize_headers
from aiohttp.web_response import REASON_PHRASES
from multidict import CIMultiDict

MOST_TO_WAIT = 16 * 1024
"""Bytes of a body: longer ones are written at once, without a copy."""

_WITHOUT_BODY = frozenset({204, 205, 304})


def whole(body: bytes, status: int, headers: CIMultiDict[str]) -> web.Response:
    """``web.Response(body=body, status=status, headers=headers)``, without the questions that its constructor asks."""
    made = web.Response.__new__(web.Response)
    made._state = {}
    made._headers = headers.copy()
    made._status = status
    made._reason = REASON_PHRASES.get(status, "")
    made._body = body
    made._compressed_body = made._zlib_executor = None
    made._zlib_executor_size = MAX_SYNC_CHUNK_SIZE
    return made


def send_whole(request: web.BaseRequest, answer: web.Response, put: Callable[[bytes], object] | None) -> bool:
    """Send an answer whose body is at hand to a client that keeps the connection; False if it is no such answer.

    ``answer`` is not prepared, and nothing wants to be asked before it goes. What is short may go by ``put``. Raises
    ValueError for headers that cannot be sent, before anything is, and :class:`ConnectionError` if the client has gone.
    """
    message, writer = request._message, cast(StreamWriter, request._payload_writer)
    body, headers, status = answer._body, answer._headers, answer._status
    if (
        type(body) is not bytes
        or not body
        or answer._keep_alive is False
        or message.should_close
        or message.version is not HttpVersion11
        or message.method == "HEAD"
        or status < 200
        or status in _WITHOUT_BODY
        or answer._cookies
        or answer._compression
        or answer._chunked
        or answer._compressed_body is not None
        or CONTENT_LENGTH in headers
        or writer.output_size
    ):
        return False
    headers[CONTENT_LENGTH] = str(len(body))
    headers.setdefault(CONTENT_TYPE, "application/octet-stream")
    if DATE not in headers:
        headers[DATE] = rfc822_formatted_time()
    head = _serialize_headers(f"HTTP/1.1 {status} {answer._reason}", headers)
    if put is None or len(body) > MOST_TO_WAIT:
        writer._writelines((head, body))
    else:
        put(head + body)
        writer.output_size = len(head) + len(body)
    writer._eof = answer._eof_sent = answer._keep_alive = True
    answer._body_length = writer.output_size
    return True
