"""``app.test_client()``: starts the App on a free port, talks to it over a socket, stops it."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from framework import App, Component, FrameworkError
from fw_http import Cookie, Response, redirect
from fw_http.facade import Http

Web = Callable[..., App]


async def test_it_starts_and_stops_the_app_and_asks_relative_paths() -> None:
    log = []

    class Service(Component):
        def start(self) -> None:
            log.append("started")

        def stop(self) -> None:
            log.append("stopped")

    app = App("shop", plugins=["http"], defaults={"http": {"host": "0.0.0.0", "port": 1}})  # noqa: S104 - the client does not use it
    app.register(Service)

    @app.facade(Http).route("/items", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def items(body: dict[str, int] | None = None) -> dict[str, int]:
        return body or {}

    for _ in range(2):
        async with app.test_client() as client:
            assert client.url.startswith("http://127.0.0.1:")
            assert (await client.get("/items")).json() == {}
            for ask in (client.post, client.put, client.patch, client.delete):
                answer = await ask("/items", json={"a": 1})
                assert (answer.status, answer.json(), answer.text) == (200, {"a": 1}, '{"a":1}')
        assert log == ["started", "stopped"]
        log.clear()


async def test_it_joins_an_app_that_runs_and_leaves_it_running(web: Web) -> None:
    app = web()
    app.http.route("/a")(lambda: 1)
    async with app:
        for _ in range(2):
            async with app.test_client() as client:
                assert (await client.get("/a")).json() == 1


async def test_it_keeps_cookies_and_does_not_follow_redirects(web: Web) -> None:
    app = web()

    @app.facade(Http).route("/login", methods=["POST"])
    async def login() -> Response[None]:
        return Response(None, status=204, headers={"Set-Cookie": "sid=abc; HttpOnly"})

    @app.facade(Http).route("/me")
    async def me(sid: Annotated[str, Cookie()] = "") -> str:
        return sid

    app.http.route("/old")(lambda: redirect("/me"))
    async with app.test_client() as client:
        assert (await client.get("/me")).json() == ""
        assert (await client.post("/login")).status == 204
        assert client.cookies == {"sid": "abc"}
        assert (await client.get("/me")).json() == "abc"
        answer = await client.get("/old")
        assert (answer.status, answer.headers["Location"]) == (303, "/me")


async def test_options_are_those_of_bootstrap(web: Web) -> None:
    app = web()
    app.http.route("/a", methods=["POST"])(lambda body: body)
    async with app.test_client(flags=["http.max_body=10"]) as client:
        assert (await client.post("/a", json="x")).json() == "x"
        assert (await client.post("/a", json="x" * 10)).status == 413


async def test_it_must_be_entered(web: Web) -> None:
    with pytest.raises(FrameworkError, match=r"Use it in `async with app.test_client"):
        await web().test_client().get("/")


async def test_events_of_what_is_no_stream_are_a_failed_assertion(web: Web) -> None:
    app = web()
    app.http.route("/a")(lambda: 1)
    async with app.test_client() as client:
        with pytest.raises(AssertionError, match="GET /a is no stream of events: 200 1"):
            async with client.events("/a"):
                pass


async def test_it_stops_the_app_when_the_test_fails(web: Web) -> None:
    app: Any = web()
    with pytest.raises(ZeroDivisionError):
        async with app.test_client():
            raise ZeroDivisionError
    with pytest.raises(FrameworkError, match="is not running"):
        _ = app.http.url
