"""Commands that are exposed to http are served under their names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from aiohttp import web as aiohttp_web
from pydantic import Field

from framework import App, Command, Event, Forbidden, Policy, StartupError
from fw_http import Problem
from fw_testing.harness import app_with

Web = Callable[..., App]


@dataclass
class Item:
    id: int
    name: str


@dataclass(frozen=True)
class CreateItem(Command[Item]):
    """Put an item on the shelf."""

    name: Annotated[str, Field(min_length=1)]
    count: int = 1


@dataclass(frozen=True)
class Forget(Command[None]):
    pass


@dataclass(frozen=True)
class Happened(Event):
    pass


def nothing(command: Command[None]) -> None: ...


@pytest.fixture
def app(web: Web) -> App:
    app = web()

    @app.handles(CreateItem, expose={"http"})
    async def create(command: CreateItem) -> Item:
        if command.name == "wrong":
            return "wrong"  # type: ignore[return-value] # that is the point
        if command.name == "taken":
            raise Problem(409, "There is one already.")
        return Item(command.count, command.name)

    return app


async def test_an_exposed_command_is_a_route_with_body_and_result_from_its_types(app: App, serve: Any) -> None:
    """K9: nothing but the name of the door is needed."""
    client = await serve(app)
    assert await client.answer("POST", "/commands/CreateItem", json={"name": "spoon", "count": 3}) == (
        200,
        {"id": 3, "name": "spoon"},
    )
    assert await client.problem("POST", "/commands/CreateItem", json={"name": "taken"}) == (
        409,
        "There is one already.",
    )


async def test_the_body_and_the_result_are_checked(app: App, serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = await serve(app)
    status, answer = await client.answer("POST", "/commands/CreateItem", json={"name": "", "count": "3", "x": 1})
    assert status == 422
    assert [entry["name"] for entry in answer["errors"]] == ["name", "count", ""]
    assert (await client.problem("POST", "/commands/CreateItem", data=b"{"))[0] == 415
    assert (await client.problem("POST", "/commands/CreateItem", json={"name": "wrong"}))[0] == 500
    assert "/commands/CreateItem failed" in caplog.text


async def test_a_command_without_a_result_is_a_204_and_one_not_exposed_is_a_404(app: App, serve: Any) -> None:
    """K9"""
    done: list[Command[None]] = []
    app.handles(Forget, expose={"http"})(done.append)

    @dataclass(frozen=True)
    class Hidden(Command[None]):
        pass

    app.handles(Hidden)(done.append)
    client = await serve(app)
    assert await client.answer("POST", "/commands/Forget", json={}) == (204, None)
    assert (await client.problem("POST", "/commands/Hidden", json={}))[0] == 404
    assert done == [Forget()]


async def test_the_operator_can_expose_a_command_too(serve: Any) -> None:
    app = app_with("http", defaults={"app": {"expose": ["http:Forget"]}})
    app.handles(Forget)(lambda command: None)
    assert await (await serve(app)).answer("POST", "/commands/Forget", json={}) == (204, None)


class Clerks(Policy):
    async def check(self, rule: str, message: Any, caller: aiohttp_web.Request) -> None:
        if caller.headers.get("X-Role") != rule:
            raise Forbidden(f"{rule} only")


async def test_the_policy_is_asked_about_the_request(web: Web, serve: Any) -> None:
    """K9"""
    app = web()
    app.provide(Policy, Clerks)
    app.handles(Forget, expose={"http"}, policy="clerks")(lambda command: None)
    client = await serve(app)
    assert await client.problem("POST", "/commands/Forget", json={}) == (403, "This is not allowed.")
    assert await client.answer("POST", "/commands/Forget", json={}, headers={"X-Role": "clerks"}) == (204, None)


async def test_a_policy_that_nobody_provides_keeps_the_door_from_starting(web: Web) -> None:
    """K9"""
    app = web()
    app.handles(Forget, expose={"http"}, policy="clerks")(lambda command: None)
    with pytest.raises(StartupError, match="nothing provides policies"):
        await app.start()


async def test_an_event_cannot_be_let_in(web: Web) -> None:
    app = web()
    app.handles(Happened, expose={"http"})(lambda event: None)
    with pytest.raises(StartupError, match="Happened is exposed to http, and is no Command"):
        await app.start()


async def test_two_commands_of_one_name_are_an_error(app: App) -> None:
    class Other(Command[None]): ...

    Other.__name__ = "CreateItem"
    app.handles(Other, expose={"http"})(nothing)
    with pytest.raises(StartupError, match="Two commands named CreateItem"):
        await app.start()
