"""Values of configuration files and variables, checked and converted to the types of a schema."""

from __future__ import annotations

import types
from collections.abc import Sequence
from enum import Enum
from os import PathLike
from typing import Any, Literal, Union, get_args, get_origin

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def convert(raw: Any, kind: Any, *, from_text: bool = False) -> Any:  # noqa: PLR0911 - a case per kind of type
    """``raw`` as ``kind``: str, int, float, bool, Path, an Enum, a Literal, ``X | None``, list or tuple of those.

    With ``from_text`` the value comes from a variable or flag: numbers and truth values are read from the text, lists
    are written ``["a", "b"]`` or ``a,b``. Raises ValueError (its message may be empty).
    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(raw, get_args(kind), from_text)
    if origin is Literal:
        if raw not in get_args(kind):
            raise ValueError
        return raw
    if origin in (list, tuple, Sequence):
        return _sequence(raw, origin, get_args(kind), from_text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(raw)
    if kind is bool:
        return _truth(raw, from_text)
    if kind in (int, float):
        return _number(raw, kind, from_text)
    if (kind is str or _is_path(kind)) and isinstance(raw, str):
        return kind(raw)
    raise ValueError


def _is_path(kind: Any) -> bool:
    """Whether it is a class of pathlib, which is not imported to find out."""
    return isinstance(kind, type) and issubclass(kind, PathLike)


def _union(raw: Any, kinds: tuple[Any, ...], from_text: bool) -> Any:
    if raw is None or (from_text and raw == "" and type(None) in kinds):
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return convert(raw, kind, from_text=from_text)
        except ValueError:
            continue
    raise ValueError


def _sequence(raw: Any, origin: Any, kinds: tuple[Any, ...], from_text: bool) -> Any:
    if from_text and isinstance(raw, str):
        raw = _list_of_text(raw)
    if not isinstance(raw, list):
        raise ValueError
    items = [convert(item, kinds[0], from_text=from_text and isinstance(item, str)) for item in raw]
    return tuple(items) if origin is tuple else items


def _list_of_text(text: str) -> list[Any]:
    if not text.strip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    import tomllib

    try:
        found = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError as error:
        raise ValueError(str(error)) from error
    return list(found)


def _truth(raw: Any, from_text: bool) -> bool:
    if isinstance(raw, bool):
        return raw
    if from_text and str(raw).lower() in _WORDS:
        return _WORDS[str(raw).lower()]
    raise ValueError


def _number(raw: Any, kind: type[int | float], from_text: bool) -> int | float:
    if from_text and isinstance(raw, str):
        try:
            return kind(raw)
        except ValueError:
            raise ValueError from None
    if isinstance(raw, bool) or not isinstance(raw, int if kind is int else (int, float)):
        raise ValueError
    return kind(raw)


def type_name(kind: Any) -> str:
    """A type in words for an error message."""
    words = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
    if kind in words or _is_path(kind):
        return words.get(kind, "a path")
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(repr, arguments))
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(type_name(a) for a in arguments if a is not type(None))
    if arguments:
        return f"a list of {type_name(arguments[0]).removeprefix('a ')}s"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(repr(member.value) for member in kind)
    return getattr(kind, "__name__", str(kind))
