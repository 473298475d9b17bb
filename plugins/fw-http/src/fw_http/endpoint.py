"""From a declared route to an aiohttp handler: looks at the signature once, fills parameters per request."""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Awaitable, Callable, Collection
from typing import Any, get_origin, get_type_hints
from uuid import UUID

from aiohttp import web

from framework import App, BootstrapError, ScopeError
from fw_http.bodies import read_json, respond
from fw_http.config import HttpSettings
from fw_http.facade import Route
from fw_http.problem import Problem, title

log = logging.getLogger("fw_http")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)  # nothing that JSON could answer with
    return number


CONVERTERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    str: (str, "a string"),
    int: (int, "a whole number"),
    float: (_finite, "a number"),
    UUID: (UUID, "a UUID"),
}
BODY_TYPES: dict[Any, str] = {dict: "an object", list: "an array"}

AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def endpoint(app: App, route: Route, parameters: Collection[str], settings: HttpSettings, place: str) -> AioHandler:
    """The aiohttp handler of a route whose path has ``parameters``.

    Raises :class:`BootstrapError`, naming ``place``.
    """
    function = route.handler
    signature = inspect.signature(function).parameters
    hints = _hints(function, place)
    given = [name for name in signature if name in parameters or name in ("request", "body")]
    call = app.compile(function, given=given, marked_only=True)
    _check(function, parameters, place)
    converters = {name: _converter(name, hints.get(name, str), place) for name in given if name in parameters}
    body_type = _body_type(hints, place) if "body" in given else None
    wants_request = "request" in given

    async def handle(request: web.Request) -> web.StreamResponse:
        arguments: dict[str, Any] = {"request": request} if wants_request else {}
        for name, (convert, words) in converters.items():
            arguments[name] = _converted(name, request.match_info[name], convert, words)
        if "body" in given:
            arguments["body"] = _checked_body(await read_json(request, timeout=settings.body_timeout), body_type)
        async with app.scope("request", {web.Request: request}):
            result = call(**arguments)
            return respond(await result if inspect.isawaitable(result) else result)

    return handle


def no_request() -> web.Request:
    """What provides the request in scopes that are none of a request: an error."""
    raise ScopeError(
        "There is no HTTP request here.",
        remedy="Only what a request's handler needs, or a command it dispatches, may depend on aiohttp's web.Request.",
    )


def _hints(function: Callable[..., Any], place: str) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except NameError as error:
        raise BootstrapError(
            f"{place}: an annotation of {function.__qualname__} cannot be resolved: {error}.",
            remedy="Import that name where the function is defined, outside `if TYPE_CHECKING:`.",
        ) from error


def _check(function: Callable[..., Any], parameters: Collection[str], place: str) -> None:
    from framework.depends import Dependency

    for name, parameter in inspect.signature(function).parameters.items():
        known = name in ("request", "body") or name in parameters or isinstance(parameter.default, Dependency)
        if not known and parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            raise BootstrapError(
                f"{place}: parameter {name!r} of {function.__qualname__} cannot be filled.",
                remedy="Name it request, body or like a {parameter} of the path, or give it the default Depends().",
            )


def _converter(name: str, kind: Any, place: str) -> tuple[Callable[[str], Any], str]:
    if kind not in CONVERTERS:
        raise BootstrapError(
            f"{place}: path parameter {name!r} cannot be converted to {kind!r}.",
            remedy=f"Use one of {', '.join(k.__name__ for k in CONVERTERS)}.",
        )
    return CONVERTERS[kind]


def _converted(name: str, text: str, convert: Callable[[str], Any], words: str) -> Any:
    try:
        return convert(text)
    except ValueError as error:
        raise Problem(400, f"Path parameter {name!r} must be {words}.") from error


def _body_type(hints: dict[str, Any], place: str) -> Any:
    kind = hints.get("body", Any)
    kind = get_origin(kind) or kind
    if kind is not Any and kind not in BODY_TYPES:
        raise BootstrapError(
            f"{place}: body cannot be of type {kind!r}.", remedy="Annotate it as dict[str, Any], list[Any] or Any."
        )
    return None if kind is Any else kind


def _checked_body(body: Any, kind: Any) -> Any:
    if kind is not None and not isinstance(body, kind):
        raise Problem(422, f"The body must be {BODY_TYPES[kind]}.")
    return body


@web.middleware
async def problems(request: web.Request, handler: AioHandler) -> web.StreamResponse:
    """Turns every error into a problem body; what is unexpected is logged and told to nobody."""
    try:
        return await handler(request)
    except Problem as problem:
        return _answer(problem)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
        return _answer(Problem(error.status, _detail(request, error), headers=headers))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _answer(Problem(500, "The server failed to answer; its log says why."))


def _detail(request: web.Request, error: web.HTTPException) -> str:
    match error.status:
        case 404:
            return "Nothing is served at this path."
        case 405:
            return (
                f"This path does not answer {request.method}; it answers {error.headers.get('Allow', 'other methods')}."
            )
        case 413:
            return "The body is too large."
    return title(error.status)


def _answer(problem: Problem) -> web.Response:
    answer = respond(problem.body())
    assert isinstance(answer, web.Response)  # noqa: S101 - a mapping is always sent as a whole
    answer.set_status(problem.status)
    answer.content_type = "application/problem+json"
    answer.headers.update(problem.headers)
    return answer
