"""`Binding`: fills the parameters of a handler from a request; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from fw_http.bodies import at_hand, body_of, check_kind, checked
from fw_http.config import HttpSettings
from fw_http.contract import Contract
from fw_http.fault import WORDS, Fault, fault
from fw_http.form import FormData, read_form
from fw_http.kinds import is_list, is_upload
from fw_http.problem import Problem
from fw_http.signature import REQUIRED, Parameter, Signature

Values = Callable[[web.Request], Sequence[str] | None]


class Binding:
    """Made once for each route; ``contracts`` are the parameters' types by name."""

    def __init__(self, signature: Signature, settings: HttpSettings) -> None:
        self.signature = signature
        self._settings = settings
        wanted = signature.of("path", "query", "header", "cookie", "form", "body")
        self.contracts = {
            parameter.name: Contract(
                parameter.kind,
                f"{signature.place}: parameter {parameter.name!r}",
                "json" if parameter.source == "body" else "text",
            )
            for parameter in wanted
        }
        self._requests = [parameter.name for parameter in signature.of("request")]
        self._fills = [
            Filling(parameter, self.contracts[parameter.name], _READERS[parameter.source](parameter))
            if parameter.source != "path" or parameter.kind is not str
            else _text_of_path(parameter.name, parameter.wire)
            for parameter in signature.of("path", "query", "header", "cookie")
        ]
        self._body = next(iter(signature.of("body")), None)
        self._form = [
            (is_upload(parameter.kind), parameter, Filling(parameter, self.contracts[parameter.name], _nothing))
            for parameter in signature.of("form")
        ]
        self.waits = self._body is not None or bool(self._form)
        """Whether a body must be read."""

    def from_head(self, request: web.Request) -> dict[str, Any]:
        """The arguments of a handler that takes nothing from a body. Raises :class:`Problem` 422."""
        faults: list[Fault] = []
        arguments = self._head(request, faults)
        if faults:
            raise invalid(faults)
        return arguments

    async def arguments(self, request: web.Request) -> dict[str, Any]:
        """The arguments of any handler. Raises :class:`Problem`: 400, 408, 413, 415 or 422."""
        faults: list[Fault] = []
        arguments = self._head(request, faults)
        if self._body is not None:
            if self._body.is_required or request.can_read_body:
                check_kind(request)
                data = at_hand(request)
                if data is None:
                    data = await body_of(request, self._settings.body_timeout)
                arguments[self._body.name] = checked(data, self.contracts[self._body.name], faults)
            else:
                arguments[self._body.name] = self._body.default
        elif self._form:
            await self._fill_form(request, arguments, faults)
        if faults:
            raise invalid(faults)
        return arguments

    def _head(self, request: web.Request, faults: list[Fault]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for name in self._requests:
            arguments[name] = request
        for fill in self._fills:
            fill(request, arguments, faults)
        return arguments

    async def _fill_form(self, request: web.Request, arguments: dict[str, Any], faults: list[Fault]) -> None:
        if not request.can_read_body and not any(parameter.is_required for _, parameter, _ in self._form):
            form = FormData()
        else:
            form = await read_form(request, self._settings)
        request[_FORM] = form
        for is_file, parameter, filling in self._form:
            values: Any = form.files if is_file else form.fields
            filling.take(values.getall(parameter.wire, None), arguments, faults)


_FORM: web.RequestKey[FormData] = web.RequestKey("fw_http form", FormData)


def close_form(request: web.Request) -> None:
    """Forget the files that came with a request."""
    form = request.get(_FORM)
    if form is not None:
        form.close()


def invalid(faults: Sequence[Fault]) -> Problem:
    """The 422 that tells all faults."""
    said = [" ".join(part for part in (entry["in"], entry["name"], entry["message"]) if part) for entry in faults[:3]]
    more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
    return Problem(422, f"The request is not valid: {'; '.join(said)}{more}.", extra={"errors": list(faults)})


class Filling:
    """Fills one parameter from the texts (or files) that came for it; None where none came."""

    __slots__ = ("_contract", "_convert_text", "_default", "_many", "_name", "_source", "_values", "_wire")

    def __init__(self, parameter: Parameter, contract: Contract, values: Values) -> None:
        self._name, self._source, self._wire = parameter.name, parameter.source, parameter.wire
        self._default, self._many = parameter.default, is_list(parameter.kind)
        self._contract, self._values = contract, values
        self._convert_text = contract.from_text

    def __call__(self, request: web.Request, arguments: dict[str, Any], faults: list[Fault]) -> None:
        """Put the value among the ``arguments``, or what is wrong among the ``faults``."""
        self.take(self._values(request), arguments, faults)

    def take(self, found: Sequence[Any] | None, arguments: dict[str, Any], faults: list[Fault]) -> None:
        """The same, of what was found already."""
        if found is None:
            if self._default is REQUIRED:
                faults.append(fault(self._source, self._wire, "is missing"))
            else:
                arguments[self._name] = self._default
        elif self._many:
            self._convert(list(found), found, arguments, faults)
        elif len(found) > 1:
            faults.append(fault(self._source, self._wire, "is given more than once"))
        else:
            self._convert(found[0], found, arguments, faults)

    def _convert(self, value: Any, texts: Sequence[Any], arguments: dict[str, Any], faults: list[Fault]) -> None:
        for text in texts:
            if not _is_text(text):
                faults.append(fault(self._source, self._wire, WORDS["string_unicode"]))
                return
        try:
            arguments[self._name] = self._convert_text(value)
        except self._contract.refused as error:
            faults += self._contract.faults(error, self._source, self._wire)


def _is_text(value: Any) -> bool:
    """Whether it can be written again: bytes of a header that are no UTF-8 come as halves of characters."""
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _text_of_path(name: str, wire: str) -> Callable[[web.Request, dict[str, Any], list[Fault]], None]:
    """Fills a parameter with a part of the path, which is there and is a text."""

    def fill(request: web.Request, arguments: dict[str, Any], faults: list[Fault]) -> None:
        text = request.match_info[wire]
        if _is_text(text):
            arguments[name] = text
        else:
            faults.append(fault("path", wire, WORDS["string_unicode"]))

    return fill


def _nothing(request: web.Request) -> None:
    return None


def _from_path(parameter: Parameter) -> Values:
    name = parameter.wire
    return lambda request: (request.match_info[name],)


def _from_query(parameter: Parameter) -> Values:
    name = parameter.wire
    return lambda request: request.query.getall(name, None)


def _from_headers(parameter: Parameter) -> Values:
    name = parameter.wire
    return lambda request: request.headers.getall(name, None)


def _from_cookies(parameter: Parameter) -> Values:
    name = parameter.wire

    def values(request: web.Request) -> Sequence[str] | None:
        value = request.cookies.get(name)
        return None if value is None else (value,)

    return values


_READERS: dict[str, Callable[[Parameter], Values]] = {
    "path": _from_path,
    "query": _from_query,
    "header": _from_headers,
    "cookie": _from_cookies,
}
