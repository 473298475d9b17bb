"""What may be kept of a job: plain JSON values that every store can hold and every reader can read."""

from __future__ import annotations

import json
from typing import TypeVar, cast

import msgspec

from fw_http.nesting import MOST_LEVELS, is_suspect, levels

T = TypeVar("T")


class NotPlain(ValueError):
    """A value cannot be kept; the message says why."""


def plain(value: T) -> T:
    """A deep copy that holds JSON values only. Raises :class:`NotPlain`."""
    if type(value) is dict and not value:
        return cast("T", {})
    try:
        text = msgspec.json.encode(value)
        copy: T = msgspec.json.decode(text)
        if copy != value:
            # NaN and infinity became null here; the standard library's encoder refuses them.
            json.dumps(msgspec.to_builtins(value), allow_nan=False)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise NotPlain(str(error)) from error
    check_levels(text)
    return copy


def check_levels(text: bytes) -> None:
    """Raises :class:`NotPlain` if a JSON text is nested too deeply."""
    if not is_suspect(text):
        return
    try:
        found = levels(msgspec.json.decode(text))
    except (ValueError, RecursionError) as error:
        raise NotPlain(str(error)) from error
    if found > MOST_LEVELS:
        raise NotPlain(f"it is nested {found} levels deep, {MOST_LEVELS} are the most")
