"""What may be kept of a job: plain JSON values that every store can hold and every reader can read."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MOST_LEVELS = 200
"""How deeply values may be nested. Readers and writers of JSON give up at depths of their own, 1000 and less."""


class NotPlain(ValueError):
    """A value cannot be kept; the message says why."""


def plain(value: T) -> T:
    """A deep copy that holds JSON values only. Raises :class:`NotPlain`."""
    try:
        text = msgspec.json.encode(value)
        if b"null" in text:
            # NaN and infinity became null here; the standard library's encoder refuses them.
            json.dumps(msgspec.to_builtins(value), allow_nan=False)
        copy: T = msgspec.json.decode(text)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise NotPlain(str(error)) from error
    check_levels(text)
    return copy


def check_levels(text: bytes) -> None:
    """Raises :class:`NotPlain` if a JSON text is nested too deeply."""
    # Each level opens with a bracket: most texts have too few of them to be worth the walk.
    if text.count(b"[") + text.count(b"{") <= MOST_LEVELS:
        return
    try:
        levels = _levels(msgspec.json.decode(text))
    except (ValueError, RecursionError) as error:
        raise NotPlain(str(error)) from error
    if levels > MOST_LEVELS:
        raise NotPlain(f"it is nested {levels} levels deep, {MOST_LEVELS} are the most")


def _levels(value: Any) -> int:
    count, level = 0, [value]
    while level := [inner for inner in level if isinstance(inner, dict | list)]:
        count += 1
        level = [part for inner in level for part in (inner.values() if isinstance(inner, dict) else inner)]
    return count
