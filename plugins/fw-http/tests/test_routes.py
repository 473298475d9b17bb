"""Declared routes are served: paths, methods, parameters, injection, results."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from aiohttp import web as aiohttp_web

from framework import App, BootstrapError, Command, Depends, ScopeError, StartupError
from fw_http.facade import Http

if TYPE_CHECKING:
    from decimal import Decimal


Web = Callable[..., App]


class ItemRepo:
    def __init__(self) -> None:
        self.items = ["spoon", "fork"]

    async def list(self) -> list[str]:
        return self.items


async def test_the_sample_of_section_6_2_serves_what_its_repository_lists(web: Web, serve: Any) -> None:
    app = web()
    app.provide(ItemRepo, ItemRepo)
    sample = """
@app.http.route('/items', methods=['GET'])
async def list_items(request, repo: ItemRepo=Depends()):
    return await repo.list()
"""
    exec(sample, {"app": app, "ItemRepo": ItemRepo, "Depends": Depends})  # noqa: S102 - the sample, verbatim
    client = await serve(app)
    assert await client.answer("GET", "/items") == (200, ["spoon", "fork"])


async def test_one_path_answers_each_method_with_its_own_handler(web: Web, serve: Any) -> None:
    app = web()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):

        def handle(method: str = method) -> str:
            return method

        app.http.route("/thing", methods=[method])(handle)
    client = await serve(app)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert await client.answer(method, "/thing") == (200, method)


async def test_one_handler_may_answer_several_methods(web: Web, serve: Any) -> None:
    app = web()
    app.http.route("/thing", methods=["get", "POST"])(lambda: "yes")
    client = await serve(app)
    assert await client.answer("GET", "/thing") == (200, "yes")
    assert await client.answer("POST", "/thing") == (200, "yes")


async def test_path_parameters_are_converted_to_their_annotations(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).route("/a/{text}/{number}/{part}/{key}")
    def show(text: str, number: int, part: float, key: UUID) -> list[str]:
        return [repr(value) for value in (text, number, part, key)]

    key = UUID(int=7)
    client = await serve(app)
    assert await client.answer("GET", f"/a/x%20y/3/2.5/{key}") == (200, ["'x y'", "3", "2.5", repr(key)])


@pytest.mark.parametrize(
    "kind,text,said",
    [
        (int, "three", "path value must be a whole number"),
        (int, "9" * 5000, "path value must be a whole number"),
        (float, "x", "path value must be a number"),
        (float, "nan", "path value must be a number"),
        (float, "inf", "path value must be a number"),
        (UUID, "12", "path value must be a UUID"),
    ],
)
async def test_a_path_parameter_that_is_not_what_it_must_be_is_a_422(
    web: Web, serve: Any, kind: type, text: str, said: str
) -> None:
    app = web()

    def show(value: Any) -> str:
        return repr(value)

    show.__annotations__["value"] = kind
    app.http.route("/a/{value}")(show)
    status, detail = await (await serve(app)).problem("GET", f"/a/{text}")
    assert status == 422
    assert said in detail


async def test_the_request_itself_can_be_asked_for(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).route("/echo")
    def echo(request: aiohttp_web.Request) -> dict[str, str]:
        return dict(request.query)

    assert await (await serve(app)).answer("GET", "/echo?a=1") == (200, {"a": "1"})


def current_user(repo: ItemRepo) -> str:
    return f"user of {len(repo.items)}"


async def test_a_parameter_may_be_filled_by_a_factory_with_injected_parameters(web: Web, serve: Any) -> None:
    """K31"""
    app = web()
    app.provide(ItemRepo, ItemRepo)

    @app.facade(Http).route("/me")
    def me(user: str = Depends(current_user), plain: int = 5) -> list[Any]:
        return [user, plain]

    assert await (await serve(app)).answer("GET", "/me") == (200, ["user of 2", 5])


class Visit:
    """Belongs to one request."""

    def __init__(self, request: aiohttp_web.Request) -> None:
        self.path = request.path
        self.ending = "open"


async def begin_visit(request: aiohttp_web.Request) -> AsyncIterator[Visit]:
    visit = Visit(request)
    try:
        yield visit
    except ValueError as error:
        visit.ending = f"rolled back: {error}"
        raise
    visit.ending = "committed"


def visited_path(visit: Visit) -> str:
    return visit.path


@dataclasses.dataclass(frozen=True)
class Look(Command[Visit]):
    pass


async def test_a_request_has_a_scope_that_its_commands_join_and_that_ends_with_it(web: Web, serve: Any) -> None:
    """K32"""
    app = web()
    app.provide(Visit, begin_visit, lifetime="scoped")
    visits: list[Visit] = []

    @app.handles(Look)
    def look(command: Look, visit: Visit) -> Visit:
        return visit

    @app.facade(Http).route("/{name}")
    async def show(name: str, visit: Visit = Depends(), path: str = Depends(visited_path)) -> str:
        assert await app.dispatch(Look()) is visit
        assert visit.ending == "open"
        visits.append(visit)
        if name == "bad":
            raise ValueError(name)
        return path

    client = await serve(app)
    assert await client.answer("GET", "/a") == (200, "/a")
    assert await client.answer("GET", "/b") == (200, "/b")
    assert await client.problem("GET", "/bad") == (500, "The server failed to answer; its log says why.")
    assert [visit.ending for visit in visits] == ["committed", "committed", "rolled back: bad"]


async def test_the_request_is_only_to_be_had_within_one(web: Web, serve: Any) -> None:
    app = web()
    app.provide(Visit, Visit, lifetime="scoped")
    app.handles(Look)(lambda command, visit=Depends(visit_of): visit)
    await serve(app)
    with pytest.raises(ScopeError, match="There is no HTTP request here"):
        await app.dispatch(Look())


def visit_of(visit: Visit) -> Visit:
    return visit


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    when: datetime


@pytest.mark.parametrize(
    "value,status,body",
    [
        ({"a": [1, 2.5, None, True, "ж"]}, 200, {"a": [1, 2.5, None, True, "ж"]}),
        (Point(1, datetime(2030, 1, 2, tzinfo=UTC)), 200, {"x": 1, "when": "2030-01-02T00:00:00+00:00"}),
        ([date(2030, 1, 2), UUID(int=1), PurePosixPath("a/b"), Colour.RED], 200, None),
        ({3, 1, 2}, 200, [1, 2, 3]),
        ("text", 200, "text"),
        (0, 200, 0),
        (None, 204, None),
        (aiohttp_web.json_response("own", status=201), 201, "own"),
    ],
    ids=str,
)
async def test_what_a_handler_returns_is_sent_as_json(web: Web, serve: Any, value: Any, status: int, body: Any) -> None:
    app = web()
    app.http.route("/value")(lambda: value)
    answer = await (await serve(app)).answer("GET", "/value")
    expected = body if body is not None or status == 204 else ["2030-01-02", str(UUID(int=1)), "a/b", "red"]
    assert answer == (status, expected)


@pytest.mark.parametrize("value", [object(), float("nan"), b"bytes", {("a",): 1}, "\ud800"], ids=repr)
async def test_a_result_that_json_cannot_express_is_a_500_and_is_logged(
    web: Web, serve: Any, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = web()
    app.http.route("/value")(lambda: value)
    assert (await (await serve(app)).problem("GET", "/value"))[0] == 500
    assert "GET /value failed" in caplog.text


class Shop:
    """A plugin with routes of its own."""

    def register(self, app: App) -> None:
        app.http.route("/shop")(lambda: "open")


async def test_routes_of_another_plugin_are_served_and_forgotten_with_it(web: Web, serve: Any) -> None:
    """K26"""
    app = web(Shop())
    app.http.route("/own")(lambda: "own")
    for _ in range(2):
        client = await serve(app)
        assert await client.answer("GET", "/shop") == (200, "open")
        assert await client.answer("GET", "/own") == (200, "own")
        await app.stop()


async def refused(app: App) -> str:
    """What a start that fails says; everything must be down afterwards."""
    with pytest.raises(StartupError) as caught:
        await app.__aenter__()
    with pytest.raises(Exception, match="not running"):
        _ = app.http.url
    return str(caught.value)


async def test_two_handlers_of_one_path_and_method_are_an_error_with_both_places(web: Web) -> None:
    app = web()
    app.http.route("/a", methods=["GET", "POST"])(lambda: 1)
    app.http.route("/a", methods=["POST"])(lambda: 2)
    message = await refused(app)
    assert "answers POST already at" in message
    assert message.count(__file__) == 2


async def test_a_parameter_that_nothing_fills_is_an_error_with_the_place(web: Web) -> None:
    app = web()

    @app.facade(Http).route("/a/{name}")
    def handle(name: str, mode) -> None: ...  # type: ignore[no-untyped-def]

    message = await refused(app)
    assert "parameter 'mode'" in message
    assert __file__ in message
    assert "Name it request, body or like a {parameter}" in message


async def test_a_part_of_the_path_that_nothing_takes_is_an_error_with_the_place(web: Web) -> None:
    app = web()

    @app.facade(Http).route("/a/{name}")
    def handle(nmae: str) -> None: ...

    message = await refused(app)
    assert "takes {name} of the path" in message
    assert __file__ in message
    assert "Name one name, or, if it is not wanted, write {_name}" in message


async def test_a_dependency_that_nothing_provides_is_an_error_with_the_place(web: Web) -> None:
    app = web()

    @app.facade(Http).route("/a")
    def handle(repo: ItemRepo = Depends()) -> None: ...

    message = await refused(app)
    assert "Nothing provides ItemRepo, which" in message
    assert "handle(repo) needs" in message


async def test_a_parameter_of_a_type_that_cannot_be_checked_is_an_error_with_the_place(web: Web) -> None:
    app = web()

    @app.facade(Http).route("/a/{repo}")
    def handle(repo: ItemRepo) -> None: ...

    message = await refused(app)
    assert "parameter 'repo'" in message
    assert "ItemRepo'> cannot be checked" in message
    assert "mark it Depends()" in message
    assert __file__ in message


async def test_an_annotation_that_cannot_be_resolved_is_an_error_with_the_place(web: Web) -> None:
    """K3"""
    app = web()

    @app.facade(Http).route("/a/{price}")
    def handle(price: "Decimal") -> None: ...

    message = await refused(app)
    assert "'Decimal' is not defined" in message
    assert __file__ in message


async def test_a_malformed_path_is_an_error_with_the_place(web: Web) -> None:
    app = web()
    app.http.route("/a/{")(lambda: 1)
    message = await refused(app)
    assert "route '/a/{' is malformed" in message
    assert __file__ in message


@pytest.mark.parametrize("path", ["items", "", "*"])
def test_a_path_without_a_slash_is_refused_where_it_is_declared(web: Web, path: str) -> None:
    with pytest.raises(BootstrapError, match=r"does not start with '/'"):
        web().http.route(path)


@pytest.mark.parametrize("methods", ["GET", [], ["GTE"], ["GET", ""]])
def test_methods_that_are_none_are_refused_where_they_are_declared(web: Web, methods: Any) -> None:
    with pytest.raises(BootstrapError, match=r"is not a list of HTTP methods.\n.*methods=\[\"GET\", \"POST\"\]"):
        web().http.route("/a", methods=methods)
