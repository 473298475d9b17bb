"""What a command promises and what its handler says it gives."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from framework.errors import BootstrapError
from framework.messages import Command

_UNKNOWN = Any
_WIDER = {int: (float, complex), float: (complex,)}
"""Types that stand for others in annotations without being their bases."""


def check_result(message_type: type[Any], function: Callable[..., Any], owner: str) -> None:
    """Raise :class:`BootstrapError` if a command's handler says that it gives what the command does not promise.

    Nothing is said where either side is not known, or is of a kind that cannot be compared.
    """
    promised, given = result_type(message_type), _given(function)
    if not _fits(given, promised):
        code = getattr(inspect.unwrap(function), "__code__", None)
        place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
        raise BootstrapError(
            f"Command {message_type.__name__} promises {_name(promised)}, but its handler "
            f"{getattr(function, '__qualname__', function)} of {owner}{place} gives {_name(given)}.",
            remedy=f"Annotate and return {_name(promised)}, or make it Command[{_name(given)}].",
        )


def result_type(message_type: type[Any]) -> Any:
    """``R`` of the ``Command[R]`` that a type is derived from."""
    for base in message_type.__mro__:
        for generic in base.__dict__.get("__orig_bases__", ()):
            if get_origin(generic) is Command:
                return _resolved(get_args(generic)[0], vars(inspect.getmodule(base) or object))
    return _UNKNOWN


def _resolved(hint: Any, names: Mapping[str, Any]) -> Any:
    holder = types.SimpleNamespace(__annotations__={"x": hint})
    try:
        return get_type_hints(holder, dict(names))["x"]
    except (NameError, TypeError, SyntaxError):
        return _UNKNOWN


def _given(function: Callable[..., Any]) -> Any:
    inner = inspect.unwrap(function)
    annotation = getattr(inner, "__annotations__", {}).get("return", _UNKNOWN)
    found = _resolved(annotation, getattr(inner, "__globals__", {}))
    if inspect.iscoroutinefunction(inner) or get_origin(found) not in (Awaitable, Coroutine):
        return found
    return get_args(found)[-1]


def _fits(given: Any, wanted: Any) -> bool:  # noqa: PLR0911 - a case per kind of type
    if given is wanted or Any in (given, wanted) or isinstance(given, TypeVar) or isinstance(wanted, TypeVar):
        return True
    if get_origin(given) in (Union, types.UnionType):
        return all(_fits(one, wanted) for one in get_args(given))
    if get_origin(wanted) in (Union, types.UnionType):
        return any(_fits(given, one) for one in get_args(wanted))
    mine, theirs = get_origin(given) or given, get_origin(wanted) or wanted
    if not (inspect.isclass(mine) and inspect.isclass(theirs)):
        return True
    if not _is_kind_of(mine, theirs):
        return False
    if mine is not theirs or len(get_args(given)) != len(get_args(wanted)):
        return True
    return all(_fits(one, other) for one, other in zip(get_args(given), get_args(wanted), strict=True))


def _is_kind_of(mine: type[Any], theirs: type[Any]) -> bool:
    if getattr(theirs, "_is_protocol", False):
        return True
    try:
        return issubclass(mine, theirs) or theirs in _WIDER.get(mine, ())
    except TypeError:
        return True


def _name(hint: Any) -> str:
    return "None" if hint is type(None) else hint.__qualname__ if inspect.isclass(hint) else str(hint)
