"""Fake plugins beside the one under test, and overrides of what the container gives."""

import gc
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, BootstrapError, Command, Component, Facade, StartupError, hookimpl
from framework.hookspecs import HOOKS
from fw_testing.harness import app_with
from fw_testing.neighbour import Neighbour


class Bus:
    def send(self, text: str) -> None:
        raise NotImplementedError


class MemoryBus(Bus):
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, text: str) -> None:
        self.sent.append(text)


class Bells(Facade):
    def ring(self, name: str) -> None:
        self.declare("bell", name)


class Herald(Component):
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def start(self) -> None:
        self._bus.send("here I am")


class HeraldPlugin:
    @hookimpl
    def register(self, app: App) -> None:
        app.register(Herald)


@dataclass(frozen=True)
class Ping(Command[str]):
    pass


@pytest.mark.parametrize("make", [lambda bus: bus, lambda bus: lambda: bus], ids=["an object", "a function"])
async def test_a_neighbour_offers_what_the_plugin_needs(make: Any) -> None:
    bus = MemoryBus()
    async with app_with(HeraldPlugin(), Neighbour("bus", offers={Bus: make(bus)})):
        assert bus.sent == ["here I am"]


async def test_a_class_is_made_anew_for_each_life() -> None:
    app = app_with(HeraldPlugin(), Neighbour("bus", offers={Bus: MemoryBus}))
    seen: list[Any] = []
    for _ in range(2):
        async with app:
            seen.append(app.container.get(Bus))
    assert seen[0] is not seen[1]
    assert [bus.sent for bus in seen] == [["here I am"], ["here I am"]]


async def test_a_neighbour_tells_which_hooks_were_called_and_does_what_the_test_says() -> None:
    async def start(app: App) -> None:
        app.container.get(Bus).send("the neighbour is up")

    bus = MemoryBus()
    neighbour = Neighbour("bus", offers={Bus: bus}, hooks={"start": start, "dispatch": lambda app, kind: answer})
    async with app_with(neighbour) as app:
        assert await app.dispatch(Ping()) == "claimed"
    assert neighbour.calls == ["bootstrap", "register", "start", "dispatch", "stop"]
    assert bus.sent == ["the neighbour is up"]


async def answer(message: Ping) -> str:
    return "claimed"


async def test_an_app_ticks_only_if_a_neighbour_is_asked_to() -> None:
    quiet, ticking = Neighbour("quiet"), Neighbour("ticking", hooks={"tick": noted, "render": noted})
    async with app_with(quiet) as app:
        assert not len(app.calls["tick"])
    async with app_with(ticking, defaults={"app": {"tick_pace": "manual"}}) as app:
        app.clock.step()
        assert ticking.calls[-2:] == ["tick", "render"]


def noted(*_: Any) -> None: ...


async def test_a_neighbour_stands_in_for_a_facade_that_is_not_installed() -> None:
    app = app_with(Neighbour("tower", facades={"bells": Bells}))
    app.bells.ring("big")
    async with app:
        assert [declaration.item for declaration in app.facade(Bells).declared("bell")] == ["big"]


async def test_a_neighbour_meets_a_requirement_by_name_or_by_capability() -> None:
    needy = Neighbour("needy", requires=["bus", "queue"])
    async with app_with(needy, Neighbour("bus"), Neighbour("rabbits", provides=["queue"])) as app:
        assert [plugin.name for plugin in app.plugins] == ["bus", "rabbits", "needy"]


async def test_what_a_neighbour_raises_is_told_as_of_any_plugin() -> None:
    def start(app: App) -> None:
        raise OSError("no line")

    with pytest.raises(StartupError, match="bus failed in start: OSError: no line"):
        await app_with(Neighbour("bus", hooks={"start": start})).start()


def test_a_hook_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=f"no hook 'begin'; there are: {', '.join(HOOKS)}"):
        Neighbour("bus", hooks={"begin": noted})


def test_a_facade_inside_a_function_is_refused_with_the_remedy() -> None:
    class Inner(Facade): ...

    with pytest.raises(ValueError, match="Inner stands inside a function; move it to the top"):
        Neighbour("bus", facades={"inner": Inner})


async def test_an_override_holds_in_every_life_of_the_app() -> None:
    app = app_with(HeraldPlugin(), Neighbour("bus", offers={Bus: Bus}), overrides={Bus: MemoryBus})
    gc.collect()
    for _ in range(2):
        async with app:
            bus = app.container.get(Bus)
            assert isinstance(bus, MemoryBus)
            assert bus.sent == ["here I am"]


def test_an_override_of_what_nobody_provides_is_an_error() -> None:
    with pytest.raises(BootstrapError, match="Bus"):
        app_with(overrides={Bus: MemoryBus}).bootstrap()
