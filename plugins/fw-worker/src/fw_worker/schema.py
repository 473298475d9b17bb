"""Types of skills as JSON Schema, and the values that msgspec does not know by itself."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec


def annotated(function: Callable[..., Any]) -> Any:
    """What carries the annotations: of an object with `__call__`, that method."""
    return function if inspect.isroutine(function) else type(function).__call__


def json_schema(kind: Any) -> dict[str, Any]:
    """The schema of a type with its own part at the top, where readers look for `properties`.

    Raises `TypeError` for a type that JSON cannot carry.
    """
    (whole,), parts = msgspec.json.schema_components([kind], schema_hook=_path_schema)
    own: dict[str, Any] = parts.pop(whole["$ref"].removeprefix("#/$defs/")) if "$ref" in whole else whole
    own.pop("title", None)
    return own | ({"$defs": parts} if parts else {})


def read_path(kind: type, value: Any) -> Any:
    """For `msgspec.convert`: makes a path of a text."""
    if issubclass(kind, Path) and isinstance(value, str):
        return kind(value)
    raise TypeError(f"Expected `{kind.__name__}`, got `{type(value).__name__}`")


def _path_schema(kind: type) -> dict[str, Any]:
    if issubclass(kind, Path):
        return {"type": "string"}
    raise NotImplementedError  # how msgspec wants to be told that a hook does not know a type
