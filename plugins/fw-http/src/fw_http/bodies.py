"""JSON bodies: read within a time, refused where they are malformed."""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import Any, NoReturn

from aiohttp import web

from fw_http.contract import Contract
from fw_http.fault import Fault
from fw_http.nesting import MOST_LEVELS, is_suspect, levels
from fw_http.problem import Problem

_TOO_DEEP = f"The body is nested too deeply: {MOST_LEVELS} levels are the most."
_HUGE = re.compile(rb"\d(?:[eE]\+?\d{3}|\d{300})")
"""What a number must look like to be too large for a float."""


async def read_json(request: web.Request, *, timeout: float = 30.0) -> Any:
    """The request's body as JSON. Raises :class:`Problem`: 400, 408, 413 or 415."""
    return parsed(await json_text(request, timeout))


async def json_text(request: web.Request, timeout: float) -> bytes:
    """The body of a request that says it is JSON. Raises :class:`Problem`: 408, 413 or 415."""
    check_kind(request)
    data = at_hand(request)
    return data if data is not None else await body_of(request, timeout)


def check_kind(request: web.Request) -> None:
    """Raise :class:`Problem` 415 for a request that does not say that its body is JSON."""
    kind = request.content_type
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "The body must be JSON: send it with Content-Type: application/json.")


def at_hand(request: web.Request) -> bytes | None:
    """The body, if it came with the head, as most do; None if it must be waited for, or something is wrong with it."""
    if request._read_bytes is None:  # noqa: SLF001 - what aiohttp's read() keeps; it asks for the body in three steps
        content = request.content
        if not content.is_eof() or content.exception() is not None or content.total_bytes > request.client_max_size:
            return None
        request._read_bytes = content.read_nowait()  # noqa: SLF001 - the same
    return request._read_bytes  # noqa: SLF001 - the same


async def body_of(request: web.Request, timeout: float) -> bytes:
    """The whole body. Raises :class:`Problem` 408 if it does not come in time."""
    try:
        async with asyncio.timeout(timeout):
            return await request.read()
    except TimeoutError as error:
        raise Problem(
            408, f"The body was not received within {timeout:g} s.", headers={"Connection": "close"}
        ) from error


def parsed(data: bytes) -> Any:
    """A JSON text as Python values. Raises :class:`Problem` 400 that says where it is wrong."""
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8: byte {error.start} cannot be decoded.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Problem(400, f"The body is not valid JSON at {place}: {error.msg}.") from error
    except RecursionError as error:
        raise Problem(400, _TOO_DEEP) from error
    except ValueError as error:
        raise Problem(400, f"The body is not valid JSON: {error}.") from error
    if is_suspect(data) and levels(value) > MOST_LEVELS:
        raise Problem(400, _TOO_DEEP)
    return value


def checked(data: bytes, contract: Contract, faults: list[Fault]) -> Any:
    """A JSON text as what the contract asks for; None, with ``faults`` added, where it does not fit.

    Raises :class:`Problem` 400 for what is no JSON.
    """
    if is_suspect(data) or b"NaN" in data or b"Infinity" in data or _HUGE.search(data):
        parsed(data)
    try:
        return contract.from_json(data)
    except contract.refused as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            parsed(data)
            raise Problem(400, "The body is not valid JSON: a character or a number in it cannot be.") from error
        faults += contract.faults(error, "body", "")
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
