"""What handlers return is checked against their annotation and sent; what is wrong is a 500 that leaks nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from aiohttp import web as aiohttp_web
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from framework import App, BootstrapError, Depends
from fw_http import Problem, Response, redirect
from fw_http.facade import Http

Web = Callable[..., App]


@dataclass
class User:
    name: str
    born: date | None = None


@dataclass
class StoredUser(User):
    password: str = "hunter2"


class Row(TypedDict):
    id: UUID


class Model(BaseModel):
    count: int = Field(alias="howMany")
    share: float = 0.0


@pytest.fixture
def app(web: Web) -> App:
    return web()


def returning(value: Any, kind: Any) -> Any:
    async def handle() -> Any:
        return value

    handle.__annotations__["return"] = kind
    return handle


@pytest.mark.parametrize(
    "value,kind,body",
    [
        (User("a", date(2030, 1, 2)), User, {"name": "a", "born": "2030-01-02"}),
        ([User("a")], list[User], [{"name": "a", "born": None}]),
        ({"id": UUID(int=1)}, Row, {"id": str(UUID(int=1))}),
        (Model(howMany=2), Model, {"howMany": 2, "share": 0.0}),
        ({"a": datetime(2030, 1, 2, tzinfo=UTC)}, dict[str, datetime], {"a": "2030-01-02T00:00:00Z"}),
        (3, int | None, 3),
        ({"a": [1, None]}, dict[str, Any], {"a": [1, None]}),
        (User("a"), User | aiohttp_web.Response, {"name": "a", "born": None}),
        (1, Annotated[int, Field(ge=0)], 1),
    ],
    ids=str,
)
async def test_a_value_is_sent_as_its_annotation_says(app: App, serve: Any, value: Any, kind: Any, body: Any) -> None:
    app.http.route("/value")(returning(value, kind))
    assert await (await serve(app)).answer("GET", "/value") == (200, body)


async def test_what_a_derived_class_adds_is_not_sent(app: App, serve: Any) -> None:
    app.http.route("/user")(returning(StoredUser("a"), User))
    app.http.route("/users")(returning([StoredUser("a")], list[User]))
    client = await serve(app)
    assert await client.answer("GET", "/user") == (200, {"name": "a", "born": None})
    assert await client.answer("GET", "/users") == (200, [{"name": "a", "born": None}])


@pytest.mark.parametrize(
    "value,kind",
    [
        ("hunter2", int),
        ({"name": "hunter2"}, User),
        (User(b"hunter2"), User),  # type: ignore[arg-type] # that is the point
        ({"id": "hunter2"}, Row),
        ({}, Row),
        ("hunter2", None),
        (-1, Annotated[int, Field(ge=0)]),
        (float("nan"), float),
        ({"a": float("inf")}, dict[str, Any]),
        (Model.model_construct(count=1, share=float("nan")), Model),
        (Response("hunter2"), Response[int]),
        ({"a": object()}, dict[str, Any]),
    ],
    ids=str,
)
async def test_a_value_that_is_not_what_the_annotation_says_is_a_logged_500(
    app: App, serve: Any, value: Any, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app.http.route("/value")(returning(value, kind))
    client = await serve(app)
    status, detail = await client.problem("GET", "/value")
    assert (status, detail) == (500, "The server failed to answer; its log says why.")
    assert "GET /value failed" in caplog.text


async def test_the_decorator_sets_the_status(app: App, serve: Any) -> None:
    @app.facade(Http).route("/users", methods=["POST"], status=201)
    async def create(body: dict[str, str]) -> User:
        return User(body["name"])

    @app.facade(Http).route("/jobs", methods=["POST"], status=202)
    async def begin() -> None:
        return

    client = await serve(app)
    assert await client.answer("POST", "/users", json={"name": "a"}) == (201, {"name": "a", "born": None})
    assert await client.answer("POST", "/jobs") == (202, None)


async def test_nothing_is_a_204(app: App, serve: Any) -> None:
    app.http.route("/maybe")(returning(None, User | None))
    app.http.route("/never")(returning(None, None))
    client = await serve(app)
    assert await client.answer("GET", "/maybe") == (204, None)
    assert await client.answer("GET", "/never") == (204, None)


async def test_a_response_carries_headers_and_a_status(app: App, serve: Any) -> None:
    @app.facade(Http).route("/users")
    async def create() -> Response[User]:
        return Response(User("a"), status=201, headers={"Location": "/users/a"})

    client = await serve(app)
    async with client.session.get("/users") as response:
        assert response.status == 201
        assert response.headers["Location"] == "/users/a"
        assert await response.json() == {"name": "a", "born": None}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_sends_the_client_elsewhere(app: App, serve: Any, status: int) -> None:
    @app.facade(Http).route("/old")
    async def old() -> Response[None]:
        return redirect("/new", status=status)

    app.http.route("/new")(lambda: "here")
    client = await serve(app)
    async with client.session.get("/old", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (status, "/new")
    assert await client.answer("GET", "/old") == (200, "here")


def test_a_redirect_of_another_status_is_refused() -> None:
    with pytest.raises(ValueError, match="200 is no redirect: use 301, 302"):
        redirect("/", status=200)


async def test_a_line_break_in_a_header_of_ours_is_a_500_and_splits_nothing(
    app: App, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @app.facade(Http).route("/go")
    async def go(to: str) -> Response[None]:
        return redirect(to)

    client = await serve(app)
    async with client.session.get("/go?to=/%0d%0aSet-Cookie:x=1", allow_redirects=False) as response:
        assert response.status == 500
        assert "Set-Cookie" not in response.headers


async def test_text_and_bytes_have_the_content_type_of_the_route(app: App, serve: Any) -> None:
    app.http.route("/page", content_type="text/html")(lambda: "<p>ж</p>")
    app.http.route("/picture", content_type="image/png")(lambda: b"\x89PNG")
    app.http.route("/wrong", content_type="text/html")(lambda: 3)
    client = await serve(app)
    async with client.session.get("/page") as response:
        assert response.content_type == "text/html"
        assert response.charset == "utf-8"
        assert await response.text() == "<p>ж</p>"
    async with client.session.get("/picture") as response:
        assert response.headers["Content-Type"] == "image/png"
        assert await response.read() == b"\x89PNG"
    assert (await client.problem("GET", "/wrong"))[0] == 500


async def test_head_is_answered_wherever_get_is(app: App, serve: Any) -> None:
    app.http.route("/a")(lambda: "text")
    client = await serve(app)
    async with client.session.head("/a") as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "6")
    async with client.session.post("/a") as response:
        assert response.headers["Allow"] == "GET,HEAD"


async def test_a_sync_handler_may_block_and_sees_context_and_dependencies(app: App, serve: Any) -> None:
    import threading
    from contextvars import ContextVar

    word: ContextVar[str] = ContextVar("word", default="")
    threads: list[str] = []
    together = threading.Barrier(2, timeout=20)

    class Service: ...

    def make() -> Service:
        threads.append(threading.current_thread().name)
        return Service()

    async def speak(request: aiohttp_web.Request, handler: Any) -> Any:
        word.set("said")
        return await handler(request)

    app.provide(Service, make, lifetime="scoped")
    app.add_http_middleware(speak)

    def block(service: Any = Depends(Service)) -> list[str]:
        together.wait()  # both requests are in here at once
        return [word.get(), threading.current_thread().name.rpartition("_")[0]]

    app.http.route("/block")(block)
    client = await serve(app)
    import asyncio

    for answer in await asyncio.gather(client.answer("GET", "/block"), client.answer("GET", "/block")):
        assert answer == (200, ["said", "fw-http"])
    assert set(threads) == {threading.main_thread().name}


async def test_sync_handlers_have_only_so_many_threads_which_end_with_the_app(web: Web, serve: Any) -> None:
    import asyncio
    import threading

    app = web(threads=2)
    most, here, lock = [0], [0], threading.Lock()

    def work() -> None:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        with lock:
            here[0] -= 1

    app.http.route("/work")(work)
    client = await serve(app)
    await asyncio.gather(*(client.answer("GET", "/work") for _ in range(20)))
    assert 1 <= most[0] <= 2
    assert 1 <= sum(thread.name.startswith("fw-http") for thread in threading.enumerate()) <= 2
    await app.stop()
    assert not any(thread.name.startswith("fw-http") for thread in threading.enumerate())


async def test_a_sync_handler_that_raises_stop_iteration_is_answered(app: App, serve: Any) -> None:
    app.http.route("/empty")(lambda: next(iter([])))
    assert (await (await serve(app)).problem("GET", "/empty"))[0] == 500


async def test_a_sync_handler_may_raise_a_problem(app: App, serve: Any) -> None:
    def refuse() -> None:
        raise Problem(409, "No.")

    app.http.route("/no")(refuse)
    assert await (await serve(app)).problem("GET", "/no") == (409, "No.")


@pytest.mark.parametrize("status", [0, 99, 100, 600])
def test_a_status_that_is_none_is_refused_where_it_is_declared(app: App, status: int) -> None:
    with pytest.raises(BootstrapError, match="is no status of an answer"):
        app.http.route("/a", status=status)
