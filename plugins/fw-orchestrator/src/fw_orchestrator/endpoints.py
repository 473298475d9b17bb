"""`Endpoints`: what the orchestrator serves, so that the server, OpenAPI and the documentation page agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from fw_http.facade import Http
from fw_rxon import Record

Who = Literal["client", "admin", "worker", ""]
"""Whose token it needs; '' for none."""

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """A path and a method. ``example`` is a body to begin with; ``group`` is the heading it stands under."""

    method: str
    path: str
    words: str
    who: Who
    group: str
    example: Any = None
    query: tuple[str, ...] = ()


@dataclass
class Endpoints:
    """Declares routes and remembers them."""

    http: Http
    all: list[Endpoint] = field(default_factory=list)

    def add(
        self,
        method: str,
        path: str,
        handler: Callable[..., Awaitable[Any]],
        words: str,
        *,
        who: Who = "",
        group: str = "Jobs",
        takes: Schema | type[Record] | None = None,
        example: Any = None,
        query: Mapping[str, Schema] | None = None,
    ) -> None:
        """Serve it. ``takes`` is the body, as a record or a JSON Schema, ``query`` what may stand behind the ``?``."""
        self.all.append(Endpoint(method, path, words, who, group, example, tuple(query or ())))
        described: dict[str, Any] = {}
        if takes is not None:
            schema = _of_record(takes) if isinstance(takes, type) else dict(takes)
            described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if query:
            described["parameters"] = [
                {"name": name, "in": "query", "required": False, "schema": dict(schema)}
                for name, schema in query.items()
            ]
        if who:
            described["description"] = f"Needs the header `X-{who.capitalize()}-Token`."
        self.http.route(path, methods=[method], summary=words, tags=[group], described=described)(handler)

    def groups(self) -> Iterator[tuple[str, list[Endpoint]]]:
        """The endpoints under their headings, in the order in which they were added."""
        for group in dict.fromkeys(endpoint.group for endpoint in self.all):
            yield group, [endpoint for endpoint in self.all if endpoint.group == group]


def _of_record(record: type[Record]) -> dict[str, Any]:
    """The JSON Schema of a record, whole: its parts have no names of their own in an OpenAPI document."""
    schema = msgspec.json.schema(record)
    parts = schema.pop("$defs")
    found: dict[str, Any] = _inlined(schema, parts)
    return found


def _inlined(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {key: _inlined(value, parts) for key, value in schema.items() if key != "default"}
