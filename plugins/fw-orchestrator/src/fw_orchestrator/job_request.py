"""What a client sends to create a job, checked member by member."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec
from aiohttp import web

from fw_http import Problem
from fw_http.bodies import json_text, parsed
from fw_http.nesting import is_suspect
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import NO_OPTIONS, JobOptions
from fw_orchestrator.tokens import refuse, too_large
from fw_rxon import IDENTIFIER_PATTERN, is_identifier

LONGEST = 10 * 366 * 86_400
"""No time-out may be longer: ten years, in seconds."""

KEY_HEADER = "Idempotency-Key"

PATIENCE = 30.0
"""Seconds within which a body must have come."""

_MEMBERS = ("initial_data", "dispatch_timeout", "result_timeout", "max_transitions", "metadata", "policy")
_LATER = ("webhook_url",)
_DATA = frozenset({"initial_data"})
_decode = msgspec.json.Decoder().decode


async def read_body(request: web.Request) -> Any:
    """The JSON body of a request. Raises a 4xx problem."""
    try:
        return decoded(await json_text(request, PATIENCE))
    except Problem as problem:
        raise refuse(problem.status, problem.detail, problem.headers) from problem
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large(request) from error


def decoded(text: bytes) -> Any:
    """A JSON text as Python values. Raises :class:`Problem` 400 that says where it is wrong."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return parsed(text)  # slower, and can say what is wrong
    return parsed(text) if is_suspect(text) else value


def job_request(body: Any, settings: OrchestratorSettings) -> tuple[dict[str, Any], JobOptions]:
    """The initial data and the options in a body. Raises a 422 problem that names what is wrong."""
    found = members(body, (*_MEMBERS, *_LATER))
    if found.keys() <= _DATA:
        return mapping(found, "initial_data") or {}, NO_OPTIONS
    for name in _LATER:
        if found.get(name) is not None:
            raise refuse(422, f"{name} is not supported yet.")
    options = JobOptions(
        dispatch_timeout=_seconds(found, "dispatch_timeout"),
        result_timeout=_seconds(found, "result_timeout"),
        max_transitions=_whole(found, "max_transitions", settings.max_transitions),
        allowed_skills=_allowed_skills(mapping(found, "policy"), settings.max_policy),
        metadata=mapping(found, "metadata") or {},
    )
    return mapping(found, "initial_data") or {}, options


def body_schema(settings: OrchestratorSettings) -> dict[str, Any]:
    """The JSON Schema of such a body."""
    seconds = {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": LONGEST}
    skills = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": IDENTIFIER_PATTERN}}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "initial_data": {"type": "object"},
            "dispatch_timeout": seconds,
            "result_timeout": seconds,
            "max_transitions": {"type": ["integer", "null"], "minimum": 1, "maximum": settings.max_transitions},
            "metadata": {"type": "object"},
            "policy": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"allowed_skills": skills},
                "required": ["allowed_skills"],
            },
        },
    }


def members(body: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """An object with known members only. Raises a 422 problem."""
    if not isinstance(body, dict):
        raise refuse(422, "The body must be an object.")
    unknown = [name for name in body if name not in known]
    if unknown:
        raise refuse(
            422, f"The body has a member {min(unknown)!r}, which is not supported; it may have {', '.join(known)}."
        )
    return body


def mapping(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A member that is an object, or None if it is not there. Raises a 422 problem."""
    value = body.get(name)
    if value is None and name not in body:
        return None
    if not isinstance(value, dict):
        _wrong(name, "an object")
    return value


def key(request: web.Request) -> str | None:
    """The idempotency key of a request, if it has one. Raises a 400 problem."""
    text = request.headers.get(KEY_HEADER)
    if text is not None and not (0 < len(text) <= 255 and text.isascii() and text.isprintable()):
        raise refuse(400, f"{KEY_HEADER} must be 1 to 255 printable ASCII characters.")
    return text


def _seconds(body: dict[str, Any], name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST:
        _wrong(name, f"a number of seconds greater than 0, at most {LONGEST}")
    return float(value)


def _whole(body: dict[str, Any], name: str, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        _wrong(name, f"a whole number from 1 to {most}")
    return value


def _allowed_skills(policy: dict[str, Any] | None, most: int) -> tuple[str, ...] | None:
    if policy is None:
        return None
    skills = members(policy, ("allowed_skills",)).get("allowed_skills")
    fine = isinstance(skills, list) and skills and all(isinstance(one, str) and is_identifier(one) for one in skills)
    if not fine or len(json.dumps(policy)) > most:
        _wrong("policy", f'{{"allowed_skills": [names of skills]}}, at least one, {most} bytes at most')
    return tuple(skills or ())


def _wrong(name: str, wanted: str) -> NoReturn:
    raise refuse(422, f"{name} must be {wanted}.")
