"""Nothing is reachable through a door unless it is named, in code or in the configuration."""

from typing import Any

import pytest

from framework import App, BootstrapError, Command, ConfigError, Forbidden, Policy, StartupError


class CreateItem(Command[None]): ...


class DropItem(Command[None]): ...


def shop(*expose: str, **options: Any) -> App:
    app = App(plugins=[], defaults={"app": {"expose": list(expose)}})
    app.handles(CreateItem, **options)(lambda message: None)
    app.handles(DropItem)(lambda message: None)
    app.bootstrap()
    return app


def types(app: App, door: str) -> list[type]:
    return [handler.message_type for handler in app.exposed(door)]


@pytest.mark.parametrize("name", ["DropItem", f"{__name__}.DropItem"])
def test_configuration_opens_doors_too(name: str) -> None:
    """K9"""
    app = shop(f"http:{name}", expose={"http", "rpc"})
    assert types(app, "http") == [CreateItem, DropItem]
    assert types(app, "rpc") == [CreateItem]
    assert types(app, "bus") == []


@pytest.mark.parametrize(
    "entry,said",
    [
        ("CreateItem", "'CreateItem' is not DOOR:MESSAGE"),
        (":CreateItem", "is not DOOR:MESSAGE"),
        ("http:CreateItm", "names 'CreateItm', which nothing handles.\n  Did you mean 'CreateItem'?"),
        ("http:", "names '', which nothing handles"),
    ],
)
def test_an_entry_that_opens_nothing_is_an_error_at_bootstrap(entry: str, said: str) -> None:
    """K9"""
    with pytest.raises(ConfigError) as caught:
        shop(entry)
    assert said in str(caught.value)
    assert "App(defaults=" in str(caught.value)


def test_a_name_that_two_messages_have_is_an_error_that_tells_them_apart() -> None:
    """K9"""
    app = App(plugins=[], defaults={"app": {"expose": ["http:CreateItem"]}})
    app.handles(CreateItem)(lambda message: None)
    twin: Any = type("CreateItem", (Command,), {"__module__": "elsewhere", "__qualname__": "CreateItem"})
    app.handles(twin)(lambda message: None)
    with pytest.raises(ConfigError, match=r"two messages are named CreateItem.\n.*elsewhere.CreateItem"):
        app.bootstrap()


def test_doors_given_as_one_string_are_refused() -> None:
    """K9"""
    with pytest.raises(BootstrapError, match=r"expose='http' is not a set of doors.\n  Write expose=\{'http'\}"):
        App(plugins=[]).handles(CreateItem, expose="http")


async def test_a_policy_that_nobody_provides_keeps_the_door_from_starting() -> None:
    """K9"""
    app = shop(expose={"http"}, policy="clerks")

    class Door:
        def start(self) -> None:
            app.exposed("http")

    app.register(Door)
    assert types(app, "rpc") == []
    app.bootstrap()
    with pytest.raises(StartupError, match="door 'http' does not open: CreateItem is under the policy 'clerks'"):
        await app.start()


async def test_a_door_asks_the_policy_that_is_provided() -> None:
    """K9: one that decides nothing refuses everything."""
    app = App(plugins=[])
    app.provide(Policy, Policy)
    app.handles(CreateItem, expose={"http"}, policy="clerks")(lambda message: None)
    async with app:
        (handler,) = app.exposed("http")
        with pytest.raises(Forbidden, match="CreateItem: rule 'clerks' admits nobody"):
            await app.container.get(Policy).check(handler.policy, CreateItem(), "Ada")
