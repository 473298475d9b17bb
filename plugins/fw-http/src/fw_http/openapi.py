"""The OpenAPI 3.1 document, made of the same plan that serves the requests."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fw_http.answering import Answering, is_events
from fw_http.binding import Binding
from fw_http.kinds import is_upload
from fw_http.problem import title
from fw_http.route import Route
from fw_http.signature import Parameter

if TYPE_CHECKING:
    from fw_http.schemas import Schemas

PROBLEM = "ProblemDetails"
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "An error, as RFC 9457 writes it.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("in", "name", "message")},
                "required": ["in", "name", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


@dataclass(frozen=True)
class Operation:
    """A route and what it takes and gives."""

    route: Route
    binding: Binding
    answering: Answering


class Document:
    """Made when somebody first asks for it."""

    def __init__(self, name: str, version: str, operations: Sequence[Operation]) -> None:
        self._name = name
        self._version = version
        self._operations = [operation for operation in operations if not operation.route.hidden]

    @cached_property
    def text(self) -> bytes:
        """As JSON."""
        return json.dumps(self.whole(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    def whole(self) -> dict[str, Any]:
        """As plain values."""
        from fw_http.schemas import Schemas

        contracts = [*_contracts(self._operations)]
        schemas = Schemas(contracts)
        paths: dict[str, dict[str, Any]] = {}
        names = _Names()
        for operation in self._operations:
            for method in operation.route.methods:
                entry = _operation(operation, schemas, names.of(operation.route, method))
                paths.setdefault(openapi_path(operation.route.path), {})[method.lower()] = entry
        tags = sorted({tag for operation in self._operations for tag in operation.route.tags})
        return {
            "openapi": "3.1.0",
            "info": {"title": self._name, "version": self._version},
            "paths": paths,
            "components": {"schemas": {**schemas.shared, PROBLEM: _PROBLEM_SCHEMA}},
            "tags": [{"name": tag} for tag in tags],
        }


def openapi_path(path: str) -> str:
    """The path as OpenAPI writes it: ``{number:\\d+}`` is ``{number}`` there."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


def _contracts(operations: Sequence[Operation]) -> Iterator[tuple[Any, bool]]:
    for operation in operations:
        for contract in operation.binding.contracts.values():
            yield contract, False
        if operation.answering.contract is not None:
            yield operation.answering.contract, True


class _Names:
    """Operation ids: the handlers' names, made unique."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, route: Route, method: str) -> str:
        name = getattr(route.handler, "__name__", "")
        if not name.isidentifier():
            name = "_".join(re.findall(r"\w+", route.path)) or "root"
        if len(route.methods) > 1:
            name = f"{name}_{method.lower()}"
        found, number = name, 2
        while found in self._given:
            found, number = f"{name}_{number}", number + 1
        self._given.add(found)
        return found


def _operation(operation: Operation, schemas: Schemas, name: str) -> dict[str, Any]:
    route, binding = operation.route, operation.binding
    handler = inspect.unwrap(route.handler)
    summary, _, rest = (inspect.getdoc(handler) or "" if inspect.isroutine(handler) else "").partition("\n")
    entry: dict[str, Any] = {"operationId": name}
    if route.summary or summary:
        entry["summary"] = route.summary or summary
    if rest.strip():
        entry["description"] = rest.strip()
    if route.tags:
        entry["tags"] = [*route.tags]
    if binding.signature.of("path", "query", "header", "cookie"):
        entry["parameters"] = [
            _parameter(parameter, schemas.of(binding.contracts[parameter.name]))
            for parameter in binding.signature.of("path", "query", "header", "cookie")
        ]
    body = _body(binding, schemas)
    if body:
        entry["requestBody"] = body
    entry["responses"] = dict(_responses(operation, schemas))
    parameters = [*entry.get("parameters", ()), *route.described.get("parameters", ())]
    return entry | dict(route.described) | ({"parameters": parameters} if parameters else {})


def _parameter(parameter: Parameter, schema: dict[str, Any]) -> dict[str, Any]:
    schema = _with_default(parameter, schema)
    entry = {"name": parameter.wire, "in": parameter.source, "required": parameter.is_required, "schema": schema}
    if "description" in schema:
        entry["description"] = schema["description"]
    return entry


def _with_default(parameter: Parameter, schema: dict[str, Any]) -> dict[str, Any]:
    if parameter.is_required or parameter.default is None:
        return schema
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return {**schema, "default": to_jsonable_python(parameter.default)}
    except (PydanticSerializationError, ValueError):
        return schema  # a default that JSON cannot express, such as an object


def _body(binding: Binding, schemas: Schemas) -> dict[str, Any]:
    for parameter in binding.signature.of("body"):
        schema = schemas.of(binding.contracts[parameter.name])
        return {"required": parameter.is_required, "content": {"application/json": {"schema": schema}}}
    fields = binding.signature.of("form")
    if not fields:
        return {}
    kinds = ["multipart/form-data"]
    if not any(is_upload(parameter.kind) for parameter in fields):
        kinds.append("application/x-www-form-urlencoded")
    required = [parameter.wire for parameter in fields if parameter.is_required]
    properties = {
        parameter.wire: _with_default(parameter, schemas.of(binding.contracts[parameter.name])) for parameter in fields
    }
    schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    return {"required": bool(required), "content": {kind: {"schema": schema} for kind in kinds}}


def _responses(operation: Operation, schemas: Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    answering, binding = operation.answering, operation.binding
    nothing = answering.kind is type(None)
    status = answering.status or (204 if nothing else 200)
    entry: dict[str, Any] = {"description": title(status)}
    if not nothing:
        entry["content"] = _content(answering, schemas)
    yield str(status), entry
    expected = []
    if binding.waits:
        expected += [HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
    if binding.contracts:
        expected.append(HTTPStatus.UNPROCESSABLE_ENTITY)
    for expecting in expected:
        yield str(int(expecting)), _problem(expecting.phrase)
    yield "default", _problem("Any other error")


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{PROBLEM}"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _content(answering: Answering, schemas: Schemas) -> dict[str, Any]:
    if answering.item is not None:
        kind = "text/event-stream" if is_events(answering.item) else answering.content_type
        return {kind: {"schema": {"type": "string"}}}
    if answering.contract is None:
        plain = answering.content_type == "application/json"
        return {answering.content_type: {"schema": {} if plain else {"type": "string"}}}
    return {answering.content_type: {"schema": schemas.of(answering.contract)}}
