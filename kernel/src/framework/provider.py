"""`Provider`: how to get an object of a type, who said so, and what its factory must be given."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from framework.depends import Dependency
from framework.errors import BootstrapError

Lifetime = Literal["singleton", "scoped", "transient"]
LIFETIMES: tuple[str, ...] = get_args(Lifetime)
NOTHING: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Provider:
    """How to get an object of a type, and who said so.

    ``factory`` is sync or async, or a generator (sync or async) that yields the object and cleans up after it.
    """

    type: Any
    factory: Callable[..., Any]
    lifetime: Lifetime
    owner: str
    default: bool = False


@dataclass(frozen=True)
class Want:
    """A parameter to fill: with an object of ``type``, or with what ``factory`` makes.

    ``default`` serves if there is no provider. ``by_name``: it cannot be given by position.
    """

    name: str
    type: Any
    factory: Callable[..., Any] | None
    default: Any
    by_name: bool = False


def wants(function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False) -> list[Want]:
    """The parameters of ``function`` that are to be injected: all but those ``given``.

    Raises :class:`BootstrapError` for one without a type.
    """
    subject = function.__init__ if inspect.isclass(function) else function
    if subject is object.__init__:
        return []
    found: list[Want] = []
    hints: dict[str, Any] | None = None
    for parameter in inspect.signature(function).parameters.values():
        mark = parameter.default if isinstance(parameter.default, Dependency) else None
        if parameter.name in given or (marked_only and mark is None):
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if hints is None:
            hints = _hints(subject)
        default = NOTHING if mark else parameter.default
        factory = mark.factory if mark else None
        if factory is None and parameter.name not in hints and default is NOTHING:
            raise BootstrapError(
                f"{name_of(function)}: parameter {parameter.name!r} has no type, so nothing can be injected.",
                remedy=f"Annotate it: {parameter.name}: SomeType.",
            )
        by_name = parameter.kind is parameter.KEYWORD_ONLY
        found.append(Want(parameter.name, hints.get(parameter.name), factory, default, by_name))
    return found


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of the parameters; that of the result may name what is imported for type checkers only."""
    from types import SimpleNamespace
    from typing import get_type_hints

    inner = called(inspect.unwrap(function))
    annotations = {name: hint for name, hint in getattr(inner, "__annotations__", {}).items() if name != "return"}
    try:
        return get_type_hints(SimpleNamespace(__annotations__=annotations), getattr(inner, "__globals__", {}))
    except NameError as error:
        code = getattr(inner, "__code__", None)
        place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
        raise BootstrapError(
            f"{name_of(function)}{place}: an annotation cannot be resolved: {error}.",
            remedy="Import that name where the function is defined, outside `if TYPE_CHECKING:`.",
        ) from error


def called(factory: Any) -> Any:
    """What runs when ``factory`` is called: of a partial its function, of an object its ``__call__``."""
    while isinstance(factory, functools.partial):
        factory = factory.func
    return factory if inspect.isroutine(factory) or inspect.isclass(factory) else type(factory).__call__


def name_of(thing: Any) -> str:
    """A name for messages."""
    return str(getattr(thing, "__qualname__", None) or thing)
