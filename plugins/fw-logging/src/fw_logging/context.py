"""Fields that every line of a piece of work carries, and the id that ties its lines together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from fw_logging.plain import plain_fields

ID = "request_id"
AT_ONCE = 64
"""Ids made at once: one look at the system's randomness costs more than all the rest of an id."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})
context: ContextVar[Mapping[str, Any]] = ContextVar("fw_logging", default=_NOTHING)

_VALID = re.compile(r"[A-Za-z0-9._:/@+=-]{1,128}", re.ASCII)
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Every line of this block, and of tasks made in it, carries these fields."""
    token = context.set({**context.get(), **plain_fields(fields)})
    try:
        yield
    finally:
        context.reset(token)


def correlation_id() -> str:
    """The id of the piece of work this is part of, such as an HTTP request; '' outside any."""
    found = context.get().get(ID, "")
    return found if isinstance(found, str) else ""


@contextmanager
def correlated(candidate: str | None = None, *, traceparent: str | None = None) -> Iterator[str]:
    """Every line of this block, and of tasks made in it, carries one id, shown as ``request_id``; it is given.

    ``candidate`` is what came from outside. If it is no id (at most 128 letters, digits and ``._:/@+=-``), the trace of
    a W3C ``traceparent`` is taken, and without that a new one is made.
    """
    chosen = chosen_id(candidate, traceparent)
    token = context.set({**context.get(), ID: chosen})
    try:
        yield chosen
    finally:
        context.reset(token)


def chosen_id(candidate: str | None, traceparent: str | None) -> str:
    """The candidate if it may be an id, else the trace, else a new id of 32 hexadecimal digits."""
    if candidate is not None and _VALID.fullmatch(candidate):
        return candidate
    trace = _TRACE.fullmatch(traceparent) if traceparent is not None else None
    return trace[1] if trace else _new_id()


def _new_id() -> str:
    """Random; asked of the system for many at once."""
    try:
        return _fresh.pop()
    except IndexError:
        digits = os.urandom(16 * AT_ONCE).hex()
        _fresh.extend(digits[place : place + 32] for place in range(32, len(digits), 32))
        return digits[:32]


_fresh: list[str] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fresh.clear)  # the parent gives those away
