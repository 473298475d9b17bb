"""JSON bodies, and the answers to bad ones: a problem each, which tells nothing of the program."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_http import Problem
from fw_http.facade import Http

Web = Callable[..., App]

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def echo(web: Web) -> App:
    app = web(max_body=20_000)

    @app.facade(Http).route("/any", methods=["POST"])
    def anything(body: Any) -> Any:
        return [body]

    @app.facade(Http).route("/object", methods=["POST"])
    async def an_object(body: dict[str, Any]) -> Any:
        return body

    @app.facade(Http).route("/list", methods=["POST"])
    async def a_list(body: list[Any]) -> Any:
        return body

    return app


async def test_json_in_json_out(echo: App, serve: Any) -> None:
    client = await serve(echo)
    assert await client.answer("POST", "/object", json={"ключ": [1, None]}) == (200, {"ключ": [1, None]})
    assert await client.answer("POST", "/list", json=[]) == (200, [])
    assert await client.answer("POST", "/any", data=b"null", headers=JSON) == (200, [None])
    assert await client.answer("POST", "/any", data=b"3", headers={"Content-Type": "application/x+json"}) == (200, [3])


@pytest.mark.parametrize(
    "data,said",
    [
        (b"", "not valid JSON at line 1, column 1"),
        (b'{"a": 1,\n "b" 2}', "not valid JSON at line 2, column 6"),
        (b"{'a': 1}", "not valid JSON"),
        (b"1 2", "not valid JSON"),
        (b"NaN", "NaN is no JSON value"),
        (b"[-Infinity]", "-Infinity is no JSON value"),
        (b"[" * 9_000 + b"]" * 9_000, "nested too deeply"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "nested too deeply: 200 levels are the most"),
        (b'"\xff"', "not UTF-8: byte 1"),
        ('"ж"'.encode("utf-16"), "not UTF-8"),
        (b"9" * 5_000, "not valid JSON"),
        (b"[1e999]", "a number is too large"),
        (b"9" * 400 + b".0", "a number is too large"),
        (rb'"\ud800"', "not valid JSON"),
        (b"\xef\xbb\xbf1", "not valid JSON"),
    ],
    ids=[
        "empty",
        "comma",
        "quotes",
        "two",
        "NaN",
        "infinity",
        "deep",
        "deeper than allowed",
        "bytes",
        "utf-16",
        "long number",
        "large exponent",
        "large number",
        "half a character",
        "byte order mark",
    ],
)
async def test_a_malformed_body_is_a_400_that_says_where(echo: App, serve: Any, data: bytes, said: str) -> None:
    status, detail = await (await serve(echo)).problem("POST", "/any", data=data, headers=JSON)
    assert status == 400
    assert said in detail


async def test_a_body_too_large_is_a_413(echo: App, serve: Any) -> None:
    client = await serve(echo)
    assert (await client.answer("POST", "/any", data=b'"' + b"x" * 19_990 + b'"', headers=JSON))[0] == 200
    assert await client.problem("POST", "/any", data=b'"' + b"x" * 20_000 + b'"', headers=JSON) == (
        413,
        "The body is too large.",
    )


async def test_a_body_too_large_that_does_not_say_its_length_is_a_413(echo: App, serve: Any) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b" " * 1_000

    assert (await (await serve(echo)).problem("POST", "/any", data=chunks(), headers=JSON))[0] == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonx", "application/x-www-form-urlencoded"])
async def test_a_body_of_another_type_is_a_415(echo: App, serve: Any, kind: str) -> None:
    status, detail = await (await serve(echo)).problem("POST", "/any", data=b"1", headers={"Content-Type": kind})
    assert status == 415
    assert "Content-Type: application/json" in detail


@pytest.mark.parametrize("path,data", [("/object", b"[]"), ("/list", b"{}"), ("/object", b"null"), ("/list", b'"a"')])
async def test_a_body_of_the_wrong_shape_is_a_422(echo: App, serve: Any, path: str, data: bytes) -> None:
    status, detail = await (await serve(echo)).problem("POST", path, data=data, headers=JSON)
    assert status == 422
    assert detail == f"The request is not valid: body must be {'an object' if path == '/object' else 'an array'}."


async def test_a_body_that_does_not_come_is_a_408_and_the_connection_is_closed(web: Web, serve: Any) -> None:
    app = web(body_timeout=0.05)
    app.http.route("/any", methods=["POST"])(lambda body: body)
    client = await serve(app)
    head = b"POST /any HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    answer = await client.raw(head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body was not received within 0.05 s." in answer


async def test_an_unknown_path_is_a_404(echo: App, serve: Any) -> None:
    assert await (await serve(echo)).problem("GET", "/nothing") == (404, "Nothing is served at this path.")


async def test_another_method_is_a_405_that_says_which_are_served(echo: App, serve: Any) -> None:
    client = await serve(echo)
    async with client.session.get("/any") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert "answers POST" in (await response.json(content_type=None))["detail"]


async def test_an_exception_is_a_500_that_leaks_nothing_and_is_logged(
    web: Web, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = web()

    @app.facade(Http).route("/secret")
    def fail() -> None:
        raise RuntimeError("password=hunter2")

    client = await serve(app)
    async with client.session.get("/secret") as response:
        text = await response.text()
    assert response.status == 500
    assert "hunter2" not in text
    assert "RuntimeError" not in text
    assert "its log says why" in text
    assert "hunter2" in caplog.text


async def test_a_handler_may_raise_a_problem_of_its_own(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).route("/stock")
    async def stock() -> None:
        raise Problem(409, "Only 3 are left.", headers={"Retry-After": "5"}, extra={"left": 3})

    client = await serve(app)
    async with client.session.get("/stock") as response:
        assert response.status == 409
        assert response.headers["Retry-After"] == "5"
        assert await response.json(content_type=None) == {
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "detail": "Only 3 are left.",
            "left": 3,
        }


def test_a_status_without_a_standard_phrase_has_a_title_all_the_same() -> None:
    assert Problem(499, "gone").body()["title"] == "Error"


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /any HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 40_000 + b"\r\n",
    ],
    ids=["garbage", "version", "length", "tls", "long line", "many headers"],
)
async def test_what_is_no_http_is_refused_and_the_next_request_is_served(echo: App, serve: Any, data: bytes) -> None:
    client = await serve(echo)
    answer = await client.raw(data)
    assert answer == b"" or answer.split()[1] in (b"400", b"414", b"431", b"505"), answer
    assert b"Traceback" not in answer
    assert await client.answer("POST", "/any", json=1) == (200, [1])


async def test_a_client_that_leaves_in_the_middle_harms_nobody(echo: App, serve: Any) -> None:
    client = await serve(echo)
    _, writer = await asyncio.open_connection(*client.address)
    writer.write(
        b"POST /any HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await client.answer("POST", "/any", json=1) == (200, [1])


@pytest.mark.parametrize("data", [b"[" * 200 + b"]" * 200, b"[" + b"[[]]," * 1_000 + b"[]]"], ids=["deep", "wide"])
async def test_a_body_as_deep_as_allowed_is_taken_however_wide(echo: App, serve: Any, data: bytes) -> None:
    client = await serve(echo)
    assert await client.answer("POST", "/any", data=data, headers=JSON) == (200, [json.loads(data)])
