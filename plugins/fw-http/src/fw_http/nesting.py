"""How deeply JSON may be nested. Readers and writers of JSON give up at depths of their own, and differ in which."""

from __future__ import annotations

from typing import Any

MOST_LEVELS = 200


def is_suspect(text: bytes) -> bool:
    """Whether a JSON text could exceed the limit: each level opens with a bracket, and most texts have too few."""
    return text.count(b"[") + text.count(b"{") > MOST_LEVELS


def levels(value: Any) -> int:
    """How many objects and arrays stand inside each other; found without recursion."""
    count, level = 0, [value]
    while level := [inner for inner in level if isinstance(inner, dict | list)]:
        count += 1
        level = [part for inner in level for part in (inner.values() if isinstance(inner, dict) else inner)]
    return count
