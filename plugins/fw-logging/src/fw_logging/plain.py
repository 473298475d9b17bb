"""From any value to what JSON can say: bounded in size and depth, and never raising."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import PurePath
from typing import Any
from uuid import UUID

from fw_logging.failure import failure
from fw_logging.redaction import HIDDEN, RESERVED, redaction
from fw_logging.words import cut, described

MOST_DEPTH = 6
MOST_ITEMS = 100
SIMPLE = frozenset({str, int, float, bool, type(None)})


def plain_fields(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields of a line as they may be shown. Those named like our own (``level``) get a ``_`` at the end."""
    if given.keys() <= redaction.harmless and SIMPLE.issuperset(map(type, given.values())):
        return given
    return {_name(name): _field(name, value) for name, value in given.items()}


def _name(name: str) -> str:
    return f"{name}_" if name in RESERVED else name


def _field(name: str, value: Any, depth: int = 0) -> Any:
    if redaction.hides(name) and value is not None and not isinstance(value, bool):
        return HIDDEN
    return plain(value, depth)


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` as texts, numbers, lists and mappings with texts as keys."""
    if type(value) in SIMPLE:
        return value
    try:
        return _plain(value, depth)
    except Exception:  # noqa: BLE001 - whatever a foreign mapping, property or repr raises, the line is written
        return described(value)


def _plain(value: Any, depth: int) -> Any:  # noqa: PLR0911 - a case per kind of value
    if isinstance(value, BaseException):
        return failure(value)
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath | Decimal):
        return str(value)
    if depth >= MOST_DEPTH:
        return described(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _member(f, value, depth) for f in fields(value) if f.repr}
    if isinstance(value, Mapping):
        shown = {
            cut(str(key), 200): _field(str(key), item, depth + 1) for key, item in islice(value.items(), MOST_ITEMS)
        }
        return _with_rest(shown, len(value))
    if isinstance(value, list | tuple | AbstractSet):
        items = [plain(item, depth + 1) for item in islice(value, MOST_ITEMS)]
        return items if len(value) <= MOST_ITEMS else [*items, f"… {len(value) - MOST_ITEMS} more"]
    return described(value)


def _member(field: Any, value: Any, depth: int) -> Any:
    if field.metadata.get("secret"):
        return HIDDEN
    return _field(field.name, getattr(value, field.name), depth + 1)


def _with_rest(shown: dict[str, Any], count: int) -> dict[str, Any]:
    return shown if count <= MOST_ITEMS else {**shown, "…": f"{count - MOST_ITEMS} more"}
