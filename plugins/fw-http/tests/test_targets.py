"""Targets of requests, where settings change what is taken. What is refused anyway stands in `test_wire.py`."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from framework import App

Web = Callable[..., App]


@pytest.mark.parametrize(
    "path,status", [("a%2Fb", 200), ("a%5Cb", 200), ("..%2Fb", 400), ("a%2F..", 400), ("a%2F.%2Fb", 400), ("a%00", 400)]
)
async def test_encoded_slashes_may_be_part_of_a_parameter(web: Web, serve: Any, path: str, status: int) -> None:
    app = web(encoded_slashes=True)
    app.http.route("/names/{name}")(lambda name: name)
    client = await serve(app)
    answer = await client.raw(f"GET /names/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    if status == 200:
        said = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert said == path.replace("%2F", "/").replace("%5C", "\\")


async def test_any_number_of_targets_is_looked_at(web: Web, serve: Any) -> None:
    app = web()
    app.http.route("/items/{number}")(lambda number: number)
    client = await serve(app)
    for number in range(1_500):
        assert await client.answer("GET", f"/items/{number}") == (200, str(number))
    assert (await client.problem("GET", "/items/%00"))[0] == 400
