"""`Nested`: how a field holds settings that have a schema of their own."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass, replace
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin


@dataclass(frozen=True)
class Nested:
    """A field that holds settings of a schema: one, a list of them, or a table of them by name."""

    schema: type[Any]
    shape: Literal["one", "list", "table"]
    is_optional: bool = False


def nested_in(kind: Any) -> Nested | None:
    """How a type holds a schema, if it does: ``Schema``, ``Schema | None``, ``list[Schema]``, ``dict[str, Schema]``."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        others = [part for part in inner if part is not type(None)]
        found = nested_in(others[0]) if len(others) == 1 else None
        return replace(found, is_optional=True) if found else None
    if origin is None:
        return Nested(kind, "one") if _is_schema(kind) else None
    if origin is list and _is_schema(inner[0]):
        return Nested(inner[0], "list")
    if origin is dict and _is_schema(inner[1]):
        return Nested(inner[1], "table")
    return None


def _is_schema(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)
