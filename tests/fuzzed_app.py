"""The application that `test_schemathesis.py` calls: every kind of parameter, and bodies.

Prints where it listens, and stops when its standard input ends. Its `/openapi.json` is written by hand.
"""

import asyncio
import sys
from typing import Any
from uuid import UUID

from framework import App
from fw_http import Problem
from fw_http.facade import Http

app = App("fuzzed", plugins=["http"], defaults={"http": {"port": 0}})
http = app.facade(Http)


@http.route("/items/{number}")
async def item(number: int) -> dict[str, int]:
    if number < 0:
        raise Problem(404, "There is no such item.")
    return {"number": number}


@http.route("/names/{name}")
async def named(name: str) -> dict[str, str]:
    return {"name": name}


@http.route("/halves/{number}")
async def half(number: float) -> float:
    return number / 2


@http.route("/things/{key}", methods=["DELETE"])
async def remove(key: UUID) -> None:
    return None


@http.route("/items", methods=["POST"])
async def add(body: dict[str, Any]) -> dict[str, Any]:
    return body


@http.route("/lists", methods=["PUT"])
async def replace(body: list[Any]) -> int:
    return len(body)


def _operation(status: str, *, parameter: tuple[str, Any] | None = None, body: Any = None) -> dict[str, Any]:
    found: dict[str, Any] = {"responses": {status: {"description": "done"}, "default": {"description": "a problem"}}}
    if parameter is not None:
        name, schema = parameter
        found["parameters"] = [{"name": name, "in": "path", "required": True, "schema": schema}]
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "fuzzed", "version": "1"},
    "paths": {
        "/items/{number}": {"get": _operation("200", parameter=("number", {"type": "integer"}))},
        "/names/{name}": {"get": _operation("200", parameter=("name", {"type": "string"}))},
        "/halves/{number}": {"get": _operation("200", parameter=("number", {"type": "number"}))},
        "/things/{key}": {"delete": _operation("204", parameter=("key", {"type": "string", "format": "uuid"}))},
        "/items": {"post": _operation("200", body={"type": "object"})},
        "/lists": {"put": _operation("200", body={"type": "array"})},
        "/health/ready": {"get": _operation("200")},
    },
}


@http.route("/openapi.json")
async def openapi() -> dict[str, Any]:
    return OPENAPI


async def main() -> None:
    async with app:
        print(app.http.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
