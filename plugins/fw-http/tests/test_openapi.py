"""The document says of each route what the server does with it."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from framework import App, Command, Depends
from fw_http import Cookie, Form, Header, Response, ServerSentEvent, Upload
from fw_http.facade import Http
from fw_http.openapi import openapi_path

Web = Callable[..., App]


@dataclass
class Item:
    name: Annotated[str, Field(min_length=1)]
    price: float = 0.0


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


@dataclass(frozen=True)
class Rename(Command[Item]):
    """Give an item another name."""

    name: str


async def document(client: Any) -> dict[str, Any]:
    status, found = await client.answer("GET", "/openapi.json")
    assert status == 200
    result: dict[str, Any] = found
    return result


@pytest.fixture
def app(web: Web) -> App:
    app = web(title="Shop", version="1.2")
    shop = app.facade(Http).group("/shop", tags=["shop"])

    @shop.route("/items/{number:\\d+}", methods=["PUT"], status=201)
    async def replace(
        number: int,
        item: Item,
        x_token: Annotated[str, Header("X-Token")],
        sid: Annotated[str, Cookie()] = "none",
        limit: Annotated[int, Field(le=100, description="How many at most.")] = 10,
        found: str = Depends(lambda: "x"),
    ) -> Response[Item]:
        """Put an item in its place.

        What was there is gone.
        """
        return Response(item)

    @shop.route("/picture", methods=["POST"])
    async def picture(file: Upload, title: Annotated[str, Form()] = "") -> None: ...

    @shop.route("/news")
    async def news() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(1)

    app.facade(Http).route("/loose", methods=["POST"])(loose)
    app.facade(Http).route("/hidden", hidden=True)(lambda: 1)
    app.handles(Rename, expose={"http"})(lambda command: Item(command.name))
    return app


async def loose(body: Loose) -> str:
    return body.name


async def test_the_document_describes_what_a_route_takes_and_gives(app: App, serve: Any) -> None:
    found = await document(await serve(app))
    assert found["openapi"] == "3.1.0"
    assert found["info"] == {"title": "Shop", "version": "1.2"}
    put = found["paths"]["/shop/items/{number}"]["put"]
    assert put["operationId"] == "replace"
    assert (put["summary"], put["description"]) == ("Put an item in its place.", "What was there is gone.")
    assert put["tags"] == ["shop"]
    assert [(each["in"], each["name"], each["required"]) for each in put["parameters"]] == [
        ("path", "number", True),
        ("header", "X-Token", True),
        ("cookie", "sid", False),
        ("query", "limit", False),
    ]
    assert put["parameters"][3]["description"] == "How many at most."
    assert put["parameters"][3]["schema"] == {
        "type": "integer",
        "maximum": 100,
        "description": "How many at most.",
        "default": 10,
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    assert put["requestBody"] == {"required": True, **body}
    assert put["responses"]["201"] == {"description": "Created", **body}
    assert set(put["responses"]) == {"201", "400", "413", "415", "422", "default"}
    item = found["components"]["schemas"]["Item"]
    assert item["required"] == ["name"]
    assert item["additionalProperties"] is False


async def test_forms_streams_and_commands_are_in_it_and_what_is_hidden_is_not(app: App, serve: Any) -> None:
    found = await document(await serve(app))
    picture = found["paths"]["/shop/picture"]["post"]
    assert picture["requestBody"]["content"] == {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "title": {"type": "string", "default": ""},
                },
                "required": ["file"],
            }
        }
    }
    assert picture["responses"]["204"] == {"description": "No Content"}
    news = found["paths"]["/shop/news"]["get"]["responses"]["200"]
    assert news["content"] == {"text/event-stream": {"schema": {"type": "string"}}}
    rename = found["paths"]["/commands/Rename"]["post"]
    assert (rename["operationId"], rename["summary"]) == ("Rename", "Give an item another name.")
    assert rename["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Item"}
    assert "/hidden" not in found["paths"]
    assert found["components"]["schemas"]["Loose"]["additionalProperties"] is True
    assert found["tags"] == [{"name": "commands"}, {"name": "shop"}]


async def test_every_reference_leads_somewhere(app: App, serve: Any) -> None:
    found = await document(await serve(app))
    import re

    for name in re.findall(r"#/components/schemas/([^\"]+)", json.dumps(found)):
        assert name in found["components"]["schemas"]


async def test_operation_ids_are_unique(web: Web, serve: Any) -> None:
    app = web()
    app.http.route("/a", methods=["GET", "POST"])(lambda: 1)
    app.http.route("/b/{number}")(lambda number: 1)
    for path in ("/c", "/d"):

        async def same() -> None: ...

        app.http.route(path)(same)
    paths = (await document(await serve(app)))["paths"]
    ids = [entry["operationId"] for methods in paths.values() for entry in methods.values()]
    assert sorted(ids) == ["a_get", "a_post", "b_number", "same", "same_2"]


@pytest.mark.parametrize(
    "settings,statuses",
    [({}, [200, 200]), ({"docs": ""}, [200, 404]), ({"openapi": ""}, [404, 404])],
    ids=["on", "no page", "off"],
)
async def test_both_can_be_switched_off(web: Web, serve: Any, settings: Any, statuses: list[int]) -> None:
    client = await serve(web(**settings))
    for path, status in zip(("/openapi.json", "/docs"), statuses, strict=True):
        async with client.session.get(path) as response:
            assert response.status == status


async def test_both_can_be_moved_and_a_route_of_the_application_has_precedence(web: Web, serve: Any) -> None:
    app = web(openapi="/api/schema", docs="/help")
    app.http.route("/help")(lambda: "own")
    client = await serve(app)
    assert (await client.answer("GET", "/api/schema"))[0] == 200
    assert await client.answer("GET", "/help") == (200, "own")


@pytest.mark.parametrize(
    "path,written",
    [
        ("/a/{b}", "/a/{b}"),
        (r"/a/{b:\d+}", "/a/{b}"),
        (r"/a/{b:\d{1,3}}/c", "/a/{b}/c"),
        ("/{tail:.*}", "/{tail}"),
    ],
)
def test_patterns_are_left_out_of_paths(path: str, written: str) -> None:
    assert openapi_path(path) == written
