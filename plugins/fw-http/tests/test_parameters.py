"""A handler's signature is its contract: where each parameter comes from, and what is said of wrong ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from aiohttp import web as aiohttp_web
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from framework import App, StartupError
from fw_http import Body, Cookie, Header, Query
from fw_http.facade import Http

Web = Callable[..., App]
SENT = "zq7xj"
"""What an attacker sends; no answer may contain it."""


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Price:
    amount: Annotated[Decimal, Field(gt=0)]
    currency: Literal["EUR", "USD"] = "EUR"


@dataclass(frozen=True)
class Item:
    name: Annotated[str, Field(min_length=1, max_length=20)]
    price: Price
    since: date | None = None
    tags: list[str] = field(default_factory=list)


class Measure(TypedDict):
    kind: str
    value: float


class Person(BaseModel):
    name: str
    age: int = Field(ge=0)


class Bag(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


@pytest.fixture
def app(web: Web) -> App:
    return web()


async def errors(client: Any, method: str, path: str, **options: Any) -> list[dict[str, str]]:
    """The entries of a 422, none of which repeats what was sent."""
    async with client.session.request(method, path, **options) as response:
        assert response.status == 422, await response.text()
        assert response.content_type == "application/problem+json"
        assert SENT not in await response.text()
        found: list[dict[str, str]] = (await response.json(content_type=None))["errors"]
        return found


async def test_other_parameters_come_from_the_query_string_and_defaults_make_them_optional(
    app: App, serve: Any
) -> None:
    @app.facade(Http).route("/find")
    async def find(
        text: str,
        limit: int = 10,
        colour: Colour | None = None,
        ids: Sequence[int] = (),
        exact: bool = False,
    ) -> list[str]:
        return [text, repr(limit), repr(colour), repr(ids), repr(exact)]

    client = await serve(app)
    assert await client.answer("GET", "/find?text=a%20b") == (200, ["a b", "10", "None", "()", "False"])
    query = "text=&limit=3&colour=red&ids=1&ids=2&exact=true"
    assert await client.answer("GET", f"/find?{query}") == (200, ["", "3", "<Colour.RED: 'red'>", "[1, 2]", "True"])


async def test_headers_cookies_and_other_names_are_marked(app: App, serve: Any) -> None:
    @app.facade(Http).route("/marked")
    async def marked(
        x_token: Annotated[str, Header],
        agent: Annotated[str, Header("User-Agent")],
        session: Annotated[UUID, Cookie("sid")],
        sort: Annotated[str, Query("sort-by"), Field(pattern="^[a-z]+$")] = "name",
        accept: Annotated[Sequence[str], Header("X-Many")] = (),
    ) -> list[Any]:
        return [x_token, agent, str(session), sort, accept]

    client = await serve(app)
    headers = [
        ("X-Token", "t"),
        ("User-Agent", "me"),
        ("Cookie", f"sid={UUID(int=5)}"),
        ("X-Many", "a"),
        ("X-Many", "b"),
    ]
    assert await client.answer("GET", "/marked?sort-by=age", headers=headers) == (
        200,
        ["t", "me", str(UUID(int=5)), "age", ["a", "b"]],
    )


async def test_everything_that_is_wrong_is_told_at_once(app: App, serve: Any) -> None:
    @app.facade(Http).route("/items/{number}", methods=["PUT"])
    async def put(
        number: int,
        item: Item,
        dry: bool,
        x_version: Annotated[int, Header("X-Version")],
        limit: Annotated[int, Query(), Field(le=100)] = 1,
    ) -> None:
        raise AssertionError("not reached")

    client = await serve(app)
    body = {"name": "", "price": {"amount": "-1", "currency": SENT, SENT: 1}, "tags": ["a", 3], SENT: 1}
    found = await errors(client, "PUT", f"/items/{SENT}?limit=1000", json=body, headers={"X-Version": SENT})
    assert found == [
        {"in": "path", "name": "number", "message": "must be a whole number"},
        {"in": "query", "name": "dry", "message": "is missing"},
        {"in": "header", "name": "X-Version", "message": "must be a whole number"},
        {"in": "query", "name": "limit", "message": "must be less than or equal to 100"},
        {"in": "body", "name": "name", "message": "must have at least 1 character"},
        {"in": "body", "name": "price.amount", "message": "must be greater than 0"},
        {"in": "body", "name": "price.currency", "message": "must be 'EUR' or 'USD'"},
        {"in": "body", "name": "price", "message": "has members that are not known"},
        {"in": "body", "name": "tags[1]", "message": "must be a string"},
        {"in": "body", "name": "", "message": "has members that are not known"},
    ]


@pytest.mark.parametrize(
    "kind,sent,wrong",
    [
        (Item, {"name": "a", "price": {"amount": 1.5}}, [{"name": "a", "price": 3}, {"price": {"amount": 1}}, 3]),
        (Measure, {"kind": "m", "value": 1}, [{"kind": "m"}, {"kind": "m", "value": "1"}]),
        (Person, {"name": "a", "age": 3}, [{"name": "a", "age": -1}, {"name": "a", "age": "3"}, SENT]),
        (list[Person], [{"name": "a", "age": 3}], [{}, [{"name": "a"}]]),
        (dict[str, int], {"a": 1}, [{SENT: "x"}, [SENT]]),
        (Person | Measure, {"kind": "m", "value": 1}, [{SENT: 1}]),
    ],
    ids=["dataclass", "typed dictionary", "model", "list", "dict", "union"],
)
async def test_models_are_bodies_whatever_the_parameter_is_called(
    app: App, serve: Any, kind: Any, sent: Any, wrong: list[Any]
) -> None:
    async def take(thing: Any) -> str:
        return type(thing).__name__

    take.__annotations__["thing"] = kind
    app.http.route("/take", methods=["POST"])(take)
    client = await serve(app)
    status, name = await client.answer("POST", "/take", json=sent)
    assert status == 200
    assert name in ("Item", "dict", "Person", "list")
    for value in wrong:
        assert all(entry["in"] == "body" for entry in await errors(client, "POST", "/take", json=value))


async def test_a_json_body_is_not_converted_but_texts_are(app: App, serve: Any) -> None:
    @app.facade(Http).route("/age", methods=["POST"])
    async def age(person: Person, number: int) -> int:
        return number

    client = await serve(app)
    assert await client.answer("POST", "/age?number=3", json={"name": "a", "age": 1}) == (200, 3)
    [found] = await errors(client, "POST", "/age?number=3", json={"name": "a", "age": "1"})
    assert found == {"in": "body", "name": "age", "message": "must be a whole number"}


async def test_types_that_json_lacks_are_written_as_text(app: App, serve: Any) -> None:
    @dataclass
    class Times:
        id: UUID
        at: datetime
        colour: Colour

    async def take(times: Any) -> str:
        return f"{times.id.int} {times.at.year} {times.colour.name}"

    take.__annotations__["times"] = Times
    app.http.route("/take", methods=["POST"])(take)
    sent = {"id": str(UUID(int=1)), "at": "2030-01-02T00:00:00Z", "colour": "red"}
    assert await (await serve(app)).answer("POST", "/take", json=sent) == (200, "1 2030 RED")


async def test_unknown_members_are_refused_unless_the_type_takes_them(app: App, serve: Any) -> None:
    app.http.route("/bag", methods=["POST"])(bag_names)
    app.http.route("/person", methods=["POST"])(person_name)
    client = await serve(app)
    assert await client.answer("POST", "/bag", json={"name": "a", "more": 1}) == (200, ["more", "name"])
    [found] = await errors(client, "POST", "/person", json={"name": "a", "age": 1, SENT: 2})
    assert found == {"in": "body", "name": "", "message": "has members that are not known"}


async def bag_names(bag: Bag) -> list[str]:
    return sorted(bag.model_dump())


async def person_name(person: Person) -> str:
    return person.name


async def test_a_body_with_a_default_may_be_left_out(app: App, serve: Any) -> None:
    @app.facade(Http).route("/maybe", methods=["POST"])
    async def maybe(person: Person | None = None) -> str:
        return person.name if person else "nobody"

    client = await serve(app)
    assert await client.answer("POST", "/maybe") == (200, "nobody")
    assert await client.answer("POST", "/maybe", json={"name": "Ann", "age": 1}) == (200, "Ann")
    assert (await client.problem("POST", "/maybe", data=b"x"))[0] == 415


async def test_anything_can_be_marked_as_the_body(app: App, serve: Any) -> None:
    @app.facade(Http).route("/sum", methods=["POST"])
    async def total(numbers: Annotated[list[int], Body]) -> int:
        return sum(numbers)

    assert await (await serve(app)).answer("POST", "/sum", json=[1, 2]) == (200, 3)


async def test_a_parameter_given_twice_is_refused_where_one_is_wanted(app: App, serve: Any) -> None:
    @app.facade(Http).route("/one")
    async def one(number: int) -> int:
        return number

    [found] = await errors(await serve(app), "GET", "/one?number=1&number=2")
    assert found == {"in": "query", "name": "number", "message": "is given more than once"}


@pytest.mark.parametrize(
    "kind,text",
    [
        (int, SENT),
        (float, SENT),
        (bool, SENT),
        (UUID, SENT),
        (UUID, f"0000000{SENT}"),
        (date, SENT),
        (datetime, SENT),
        (Decimal, SENT),
        (Colour, SENT),
        (Literal["a", "b"], SENT),
        (Annotated[str, Field(pattern="^[a-c]+$")], SENT),
        (Annotated[str, Field(max_length=3)], SENT),
        (int | date, SENT),
    ],
    ids=str,
)
async def test_what_was_sent_is_never_repeated(app: App, serve: Any, kind: Any, text: str) -> None:
    def show(value: Any) -> None:
        raise AssertionError("not reached")

    show.__annotations__["value"] = kind
    app.http.route("/show")(show)
    found = await errors(await serve(app), "GET", f"/show?value={text}")
    assert all(entry["message"].startswith("must ") for entry in found), found


async def test_only_so_many_faults_are_told(app: App, serve: Any) -> None:
    @app.facade(Http).route("/sum", methods=["POST"])
    async def total(body: list[int]) -> int:
        return sum(body)

    assert len(await errors(await serve(app), "POST", "/sum", json=["x"] * 500)) == 50


async def test_bytes_that_are_no_text_are_refused(app: App, serve: Any) -> None:
    @app.facade(Http).route("/echo")
    async def echo(word: Annotated[str, Header("X-Word")]) -> str:
        return word

    client = await serve(app)
    host = "{}:{}".format(*client.address).encode()
    answer = await client.raw(b"GET /echo HTTP/1.1\r\nHost: " + host + b"\r\nX-Word: \xff\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b"must be a string of valid characters" in answer


async def refusal(app: App) -> str:
    with pytest.raises(StartupError) as caught:
        await app.__aenter__()
    return str(caught.value)


def two_bodies(a: Item, b: Person) -> None: ...


def model_in_the_query(item: Annotated[Item, Query]) -> None: ...


def by_position(a: int, /) -> None: ...


@pytest.mark.parametrize(
    "handler,said",
    [
        (two_bodies, "a request has one body, and a, b of two_bodies ask for more"),
        (model_in_the_query, "parameter 'item' of model_in_the_query cannot be filled"),
        (by_position, "Parameters are filled by name"),
    ],
)
async def test_what_cannot_be_filled_is_refused_when_the_door_opens(app: App, handler: Any, said: str) -> None:
    app.http.route("/a", methods=["POST"])(handler)
    assert said in await refusal(app)


async def test_the_request_may_have_any_name(app: App, serve: Any) -> None:
    @app.facade(Http).route("/path")
    async def path(asked: aiohttp_web.Request) -> str:
        return asked.path

    assert await (await serve(app)).answer("GET", "/path") == (200, "/path")
