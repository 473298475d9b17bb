"""The signature of a handler, read once: where each parameter comes from, and what is given back."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from aiohttp import web

from framework import DeclarationError
from framework.depends import Dependency
from fw_http.kinds import is_body, is_upload
from fw_http.marks import MARKS, Body, Cookie, Form, Header, Query
from fw_http.websocket import WebSocket

Source = Literal["path", "query", "header", "cookie", "form", "body", "request", "socket"]
REQUIRED: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """One parameter that the request fills: ``wire`` is its name outside, ``kind`` its annotation with metadata."""

    name: str
    source: Source
    wire: str
    kind: Any
    default: Any = REQUIRED

    @property
    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is REQUIRED


@dataclass(frozen=True)
class Signature:
    """All that the request fills, the name of what is given back, and where the handler was declared."""

    parameters: tuple[Parameter, ...]
    returns: Any
    place: str

    def of(self, *sources: Source) -> list[Parameter]:
        """The parameters that come from there."""
        return [parameter for parameter in self.parameters if parameter.source in sources]


def read_signature(function: Callable[..., Any], path: Collection[str], place: str) -> Signature:
    """Look at a handler of a path with these parameters.

    Raises :class:`DeclarationError`, naming ``place``, for a parameter that nothing can fill and for two bodies.
    """
    hints = type_hints(function, place)
    found = tuple(_parameters(function, hints, path, place))
    bodies = [parameter.name for parameter in found if parameter.source == "body"]
    if len(bodies) > 1 or (bodies and any(parameter.source == "form" for parameter in found)):
        raise DeclarationError(
            f"{place}: a request has one body, and {', '.join(bodies)} of {_name(function)} ask for more.",
            remedy="Put the members into one dataclass, or mark those of a form with Form().",
        )
    taken = {parameter.name for parameter in found if parameter.source == "path"}
    ignored = [name for name in path if name not in taken and not name.startswith("_")]
    if ignored and not any(parameter.source == "request" for parameter in found):
        raise DeclarationError(
            f"{place}: no parameter of {_name(function)} takes {{{ignored[0]}}} of the path.",
            remedy=f"Name one {ignored[0]}, or, if it is not wanted, write {{_{ignored[0]}}} in the path.",
        )
    return Signature(found, hints.get("return", Any), place)


def type_hints(function: Callable[..., Any], place: str) -> dict[str, Any]:
    """The annotations of a handler, marks and constraints included. Raises :class:`DeclarationError`."""
    inner: Any = inspect.unwrap(function)
    while isinstance(inner, functools.partial):
        inner = inner.func
    if not inspect.isroutine(inner):
        inner = type(inner).__call__
    try:
        return get_type_hints(inner, include_extras=True)
    except NameError as error:
        raise DeclarationError(
            f"{place}: an annotation of {_name(function)} cannot be resolved: {error}.",
            remedy="Import that name where the function is defined, outside `if TYPE_CHECKING:`.",
        ) from error


def _parameters(
    function: Callable[..., Any], hints: dict[str, Any], path: Collection[str], place: str
) -> Iterator[Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        if isinstance(parameter.default, Dependency) or parameter.kind is parameter.VAR_KEYWORD:
            continue
        name, kind = parameter.name, hints.get(parameter.name, Any)
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
            raise _unfilled(function, name, place, "Parameters are filled by name: remove the `/` or `*`.")
        found = _special(name, kind) or _marked(name, kind, parameter.default)
        if found is None and name in path:
            found = Parameter(name, "path", name, str if kind is Any else kind)
        if found is None and is_upload(kind):
            found = Parameter(name, "form", name, kind, parameter.default)
        if found is None and (name == "body" or is_body(kind)):
            found = Parameter(name, "body", name, kind, parameter.default)
        if found is None and name not in hints:
            if parameter.default is REQUIRED:
                raise _unfilled(
                    function,
                    name,
                    place,
                    "Name it request, body or like a {parameter} of the path, annotate it, or give it the default "
                    "Depends().",
                )
            continue  # keeps its default: without a type it is no part of the contract
        found = found or Parameter(name, "query", name, kind, parameter.default)
        if found.source in ("path", "query", "header", "cookie", "form") and is_body(kind):
            remedy = "Take its members as parameters of their own, or the whole as the JSON body."
            raise _unfilled(function, name, place, remedy)
        yield found


def _special(name: str, kind: Any) -> Parameter | None:
    origin = get_origin(kind) or kind
    if (name == "request" and kind is Any) or (inspect.isclass(origin) and issubclass(origin, web.BaseRequest)):
        return Parameter(name, "request", name, kind)
    if inspect.isclass(origin) and issubclass(origin, WebSocket):
        return Parameter(name, "socket", name, kind)
    return None


def _marked(name: str, kind: Any, default: Any) -> Parameter | None:
    if get_origin(kind) is not Annotated:
        return None
    for extra in get_args(kind)[1:]:
        mark = extra() if inspect.isclass(extra) and issubclass(extra, MARKS) else extra
        if isinstance(mark, MARKS):
            source = _SOURCES[type(mark)]
            plain = name.replace("_", "-") if source == "header" else name
            return Parameter(name, source, mark.name or plain, kind, default)
    return None


_SOURCES: dict[type, Source] = {Header: "header", Cookie: "cookie", Form: "form", Body: "body", Query: "query"}


def _unfilled(function: Callable[..., Any], name: str, place: str, remedy: str) -> DeclarationError:
    return DeclarationError(f"{place}: parameter {name!r} of {_name(function)} cannot be filled.", remedy=remedy)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", None) or repr(function)
