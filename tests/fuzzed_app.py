"""The application that `test_schemathesis.py` calls: every kind of parameter, and bodies.

Prints where it listens, and stops when its standard input ends.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_in
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from framework import App, Command
from fw_http import Cookie, Form, Header, Problem, Query
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


@dataclass
class Order:
    name: Annotated[str, Field(min_length=1)]
    price: Annotated[Decimal, Field(ge=0)]
    kind: Literal["small", "large"] = "small"
    due: datetime | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rename(Command[Order]):
    order: Order
    name: str


@http.route("/orders", methods=["POST"], status=201)
async def order(
    body: Order,
    limit: Annotated[int, Query(), Field(ge=1, le=100)] = 10,
    days: Sequence[date] = (),
    token: Annotated[str, Header("X-Token")] = "",
    sid: Annotated[UUID | None, Cookie()] = None,
) -> Order:
    return body


@http.route("/forms", methods=["POST"])
async def form(name: Annotated[str, Form()], count: Annotated[int, Form()] = 1) -> list[str]:
    return [name] * (count % 3)


@app.handles(Rename, expose={"http"})
def rename(command: Rename) -> Order:
    return replace_in(command.order, name=command.name)


async def main() -> None:
    async with app:
        print(app.http.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
