"""How an App is: live, started, ready."""

import asyncio
from typing import Any

import pytest

from framework import App, Component, Health


def app_with(*components: Any, **settings: Any) -> App:
    app = App(plugins=[], defaults={"app": settings})
    for component in components:
        app.register(component)
    return app


async def test_health_follows_the_life_of_an_application() -> None:
    """K34"""
    found: list[Health] = []

    class Service(Component):
        async def start(self) -> None:
            found.append(await app.health())

    app = app_with(Service)

    @app.on_stop
    async def look(event: object) -> None:
        found.append(await app.health())

    found.append(await app.health())
    async with app:
        found.append(await app.health())
    found.append(await app.health())
    off = Health()
    starting, running, stopping = Health(live=True), Health(True, True, True), Health(True, True, False)
    assert found == [off, starting, running, stopping, off]


class Sync(Component):
    def health(self) -> str:
        return "disk full"


class Async(Component):
    async def health(self) -> str:
        await asyncio.sleep(0)
        return "no route"


class Raising(Component):
    def health(self) -> None:
        raise OSError("gone")


class Hanging(Component):
    async def health(self) -> None:
        await asyncio.Event().wait()


class Well(Component):
    async def health(self) -> None: ...


class Silent: ...


@pytest.mark.parametrize(
    "kind,said",
    [
        (Sync, "disk full"),
        (Async, "no route"),
        (Raising, "OSError: gone"),
        (Hanging, "health() gave no answer within 0.01 s"),
    ],
)
async def test_a_component_that_is_ill_is_named(kind: type[Any], said: str) -> None:
    """K34"""
    async with app_with(kind, Well, Silent, health_timeout=0.01) as app:
        health = await app.health()
    assert health == Health(True, True, False, {f"application:{kind.__name__}": said})


async def test_components_are_not_asked_where_that_is_not_wanted() -> None:
    async with app_with(Sync, Hanging) as app:
        assert await app.health(checks=False) == Health(True, True, True)
