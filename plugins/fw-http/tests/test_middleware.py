"""Middlewares stand around every handler: order, injection, errors, and what becomes of them when a plugin goes."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web as aiohttp_web

from framework import App, BootstrapError, Component, StartupError
from fw_http import Problem
from fw_http.facade import Http

Web = Callable[..., App]
Request = aiohttp_web.Request
Response = aiohttp_web.StreamResponse

SAMPLE_6_4 = """\
def register(app: App):
    app.register_component(MyAuth)
    app.add_http_middleware(AuthMiddleware)
"""


class MyAuth(Component):
    def __init__(self) -> None:
        self.up = False

    def start(self) -> None:
        self.up = True

    def allows(self, key: str) -> bool:
        return self.up and key == "opensesame"


class AuthMiddleware:
    def __init__(self, auth: MyAuth) -> None:
        self._auth = auth

    async def __call__(self, request: Request, handler: Any) -> Response:
        if not self._auth.allows(request.headers.get("X-Key", "")):
            raise Problem(401, "Say the word.")
        answer: Response = await handler(request)
        return answer


async def test_the_plugin_of_section_6_4_guards_every_route(web: Web, serve: Any) -> None:
    """K4: the sample as printed; its middleware gets the component that the same plugin registers."""
    names: dict[str, Any] = {"App": App, "MyAuth": MyAuth, "AuthMiddleware": AuthMiddleware}
    exec(SAMPLE_6_4, names)  # noqa: S102 - the sample, verbatim
    app = web(names["register"])
    app.facade(Http).route("/items")(lambda: ["spoon"])
    client = await serve(app)
    assert await client.problem("GET", "/items") == (401, "Say the word.")
    assert await client.answer("GET", "/items", headers={"X-Key": "opensesame"}) == (200, ["spoon"])
    assert await client.problem("GET", "/nothing") == (401, "Say the word.")


def naming(log: list[str], name: str) -> Any:
    async def middleware(request: Request, handler: Any) -> Any:
        log.append(f"{name} in")
        try:
            return await handler(request)
        finally:
            log.append(f"{name} out")

    return middleware


async def test_the_first_one_declared_is_outermost(web: Web, serve: Any) -> None:
    app = web()
    log: list[str] = []
    for name in ("first", "second"):
        app.add_http_middleware(naming(log, name))
    app.facade(Http).route("/a")(lambda: log.append("handler"))
    client = await serve(app)
    assert (await client.answer("GET", "/a"))[0] == 204
    assert log == ["first in", "second in", "handler", "second out", "first out"]


async def test_those_of_plugins_stand_around_those_of_the_application(web: Web, serve: Any) -> None:
    log: list[str] = []

    def outer(app: App) -> None:
        app.add_http_middleware(naming(log, "plugin"))

    app = web(outer)
    app.add_http_middleware(naming(log, "application"))
    app.facade(Http).route("/a")(lambda: log.append("handler"))
    client = await serve(app)
    assert (await client.answer("GET", "/a"))[0] == 204
    assert log == ["plugin in", "application in", "handler", "application out", "plugin out"]


@pytest.mark.parametrize("method,path,status", [("GET", "/nothing", 404), ("DELETE", "/a", 405)])
async def test_what_is_not_served_passes_through_too(web: Web, serve: Any, method: str, path: str, status: int) -> None:
    app = web()
    log: list[str] = []
    app.add_http_middleware(naming(log, "outer"))
    app.facade(Http).route("/a")(lambda: 1)
    client = await serve(app)
    assert (await client.problem(method, path))[0] == status
    assert log == ["outer in", "outer out"]


async def test_what_a_middleware_raises_is_a_problem_and_it_sees_what_handlers_raise(web: Web, serve: Any) -> None:
    app, seen = web(), []

    @app.facade(Http).add_middleware
    async def translate(request: Request, handler: Any) -> Any:
        if request.path == "/broken":
            raise OSError("secret")
        try:
            return await handler(request)
        except Problem as problem:
            seen.append(problem.status)
            raise Problem(410, "It is gone.") from problem

    @app.facade(Http).route("/a")
    def handle() -> None:
        raise Problem(404, "It is not here.")

    client = await serve(app)
    assert await client.problem("GET", "/a") == (410, "It is gone.")
    assert seen == [404]
    status, detail = await client.problem("GET", "/broken")
    assert status == 500
    assert "secret" not in detail


async def test_it_may_answer_itself_and_change_what_a_handler_answers(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).add_middleware
    async def stamp(request: Request, handler: Any) -> Any:
        if request.path == "/ping":
            return aiohttp_web.json_response("pong")
        answer = await handler(request)
        answer.headers["X-Stamp"] = "yes"
        return answer

    app.facade(Http).route("/a")(lambda: 1)
    client = await serve(app)
    assert await client.answer("GET", "/ping") == (200, "pong")
    async with client.session.get("/a") as response:
        assert response.headers["X-Stamp"] == "yes"


async def test_one_that_forgets_to_return_is_named_in_the_log(
    web: Web, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = web()

    @app.facade(Http).add_middleware
    async def forgetful(request: Request, handler: Any) -> None:
        await handler(request)

    app.facade(Http).route("/a")(lambda: 1)
    client = await serve(app)
    assert (await client.problem("GET", "/a"))[0] == 500
    assert "returned None, which is no response" in caplog.text
    assert __file__ in caplog.text


async def test_one_that_is_vouched_for_is_not_looked_at(web: Web, serve: Any) -> None:
    """It stands where it stood, and what it forgets is a 500 all the same."""
    app = web()
    log: list[str] = []
    app.add_http_middleware(naming(log, "outer"))
    app.add_http_middleware(naming(log, "vouched"), checked=False)

    @app.facade(Http).route("/a")
    async def handle() -> None: ...

    async def forgetful(request: Request, handler: Any) -> None:
        await handler(request)

    client = await serve(app)
    assert (await client.answer("GET", "/a"))[0] == 204
    assert log == ["outer in", "vouched in", "vouched out", "outer out"]
    other = web()
    other.add_http_middleware(forgetful, checked=False)
    other.facade(Http).route("/a")(lambda: 1)
    client = await serve(other)
    assert (await client.problem("GET", "/a"))[0] == 500


async def test_a_class_has_one_instance_for_each_app(web: Web, serve: Any) -> None:
    """Declared twice it stands there twice, as one object; a component that is a middleware is that component."""
    made: list[Any] = []

    class Counting(Component):
        def __init__(self) -> None:
            made.append(self)
            self.calls = 0

        async def __call__(self, request: Request, handler: Any) -> Any:
            self.calls += 1
            return await handler(request)

    one, other = web(), web()
    other.register(Counting)
    for app in (one, other):
        app.add_http_middleware(Counting)
        app.add_http_middleware(Counting)
        app.facade(Http).route("/a")(lambda: 1)
        client = await serve(app)
        for _ in range(3):
            assert await client.answer("GET", "/a") == (200, 1)
    assert [counting.calls for counting in made] == [6, 6]
    assert await other.container.resolve(Counting) is made[1]


async def test_those_of_plugins_are_forgotten_when_the_app_is_built_again(web: Web, serve: Any) -> None:
    """K26: the plugin declares anew, the application's own is kept; neither piles up, no instance is left behind."""
    alive: weakref.WeakSet[Any] = weakref.WeakSet()
    log: list[str] = []

    class Tracked:
        def __init__(self) -> None:
            alive.add(self)

        async def __call__(self, request: Request, handler: Any) -> Any:
            log.append("plugin")
            return await handler(request)

    def register(app: App) -> None:
        app.add_http_middleware(Tracked)

    app = web(register)
    app.add_http_middleware(naming(log, "own"))
    for _ in range(3):
        log.clear()
        client = await serve(app)
        await client.problem("GET", "/")
        assert log == ["plugin", "own in", "own out"]
        await app.stop()
        gc.collect()
    assert len(alive) <= 1


class Missing: ...


async def test_a_constructor_that_cannot_be_filled_keeps_the_door_closed(web: Web) -> None:
    class Needy:
        def __init__(self, missing: Missing) -> None: ...

        async def __call__(self, request: Request, handler: Any) -> Any: ...

    app = web()
    app.add_http_middleware(Needy)
    with pytest.raises(StartupError, match="Missing"):
        async with app:
            pass


def sync(request: Any, handler: Any) -> None: ...


async def lonely(request: Any) -> None: ...


class Silent: ...


class Sync:
    def __call__(self, request: Any, handler: Any) -> None: ...


@pytest.mark.parametrize("wrong", [sync, lonely, Silent, Sync, AuthMiddleware(MyAuth()), "auth", None])
def test_anything_else_is_refused_where_it_is_declared(web: Web, wrong: Any) -> None:
    with pytest.raises(BootstrapError, match=r"is no HTTP middleware.\n  Give an `async def middleware"):
        web().add_http_middleware(wrong)
