"""Writes values of types that JSON has too, and checks them on the way."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from json.encoder import encode_basestring as quoted
from typing import Any, NoReturn, get_args, get_origin

Write = Callable[[Any], str]


class Odd(Exception):
    """A value is not exactly of the type that was announced."""


def plain_writer(kind: Any) -> Write | None:
    """What writes values of a type as JSON, raising :class:`Odd`; None for types that are not plain.

    Plain are ``str``, ``int``, ``float``, ``bool``, ``None``, lists of plain types and dictionaries with texts as keys.
    """
    if kind is None or isinstance(kind, type):
        return _SCALARS.get(kind)
    match get_origin(kind), get_args(kind):
        case builtins.list, (inner,):
            part = plain_writer(inner)
            return _list_writer(part) if part else None
        case builtins.dict, (builtins.str, inner):
            part = plain_writer(inner)
            return _dict_writer(part) if part else None
    return None


def _list_writer(part: Write) -> Write:
    def write(value: Any) -> str:
        if type(value) is not list:
            raise Odd
        return f"[{','.join([part(item) for item in value])}]"

    return write


def _dict_writer(part: Write) -> Write:
    def write(value: Any) -> str:
        if type(value) is not dict:
            raise Odd
        return f"{{{','.join([f'{_text(key)}:{part(item)}' for key, item in value.items()])}}}"

    return write


def _text(value: Any) -> str:
    return quoted(value) if type(value) is str else _odd()


def _whole(value: Any) -> str:
    return int.__repr__(value) if type(value) is int else _odd()


def _number(value: Any) -> str:
    return float.__repr__(value) if type(value) is float and math.isfinite(value) else _odd()


def _truth(value: Any) -> str:
    return "true" if value is True else "false" if value is False else _odd()


def _none(value: Any) -> str:
    return "null" if value is None else _odd()


def _odd() -> NoReturn:
    raise Odd


_SCALARS: dict[Any, Write] = {str: _text, int: _whole, float: _number, bool: _truth, None: _none, type(None): _none}
