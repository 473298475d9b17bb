"""JSON in and out."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import date, datetime, time
from enum import Enum
from pathlib import PurePath
from typing import Any, NoReturn
from uuid import UUID

from aiohttp import web

from fw_http.nesting import MOST_LEVELS, is_suspect, levels
from fw_http.problem import Problem

_TOO_DEEP = f"The body is nested too deeply: {MOST_LEVELS} levels are the most."


async def read_json(request: web.Request, *, timeout: float = 30.0) -> Any:
    """The request's body as JSON. Raises :class:`Problem`: 400, 408, 413 or 415."""
    if request.content_type != "application/json" and not request.content_type.endswith("+json"):
        raise Problem(415, "The body must be JSON: send it with Content-Type: application/json.")
    try:
        async with asyncio.timeout(timeout):
            data = await request.read()
    except TimeoutError as error:
        raise Problem(
            408, f"The body was not received within {timeout:g} s.", headers={"Connection": "close"}
        ) from error
    return _parsed(data)


def _parsed(data: bytes) -> Any:
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def respond(value: Any) -> web.StreamResponse:
    """What a handler returned, as a response. Raises TypeError or ValueError for what JSON cannot express."""
    if isinstance(value, web.StreamResponse):
        return value
    if value is None:
        return web.Response(status=204)
    text = json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return web.Response(body=text.encode("utf-8"), content_type="application/json")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
