"""K26: an App is stopped, rebuilt with another set of plugins and started again, and leaves nothing behind."""

import gc
import weakref
from typing import Any, ClassVar

import pytest

from framework import App, Command
from framework.discovery import installed
from fw_testing.leftovers import Fact, Surroundings, difference, facts

PLUGIN = """
import threading
from framework import Component, hookimpl
from framework.facade import Facade

class Bells(Facade):
    pass

class Connection:
    pass

class Pump(Component):
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def start(self):
        self.file = open(__file__)
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.done.wait)
        self.thread.start()

    async def stop(self):
        self.done.set()
        self.thread.join()
        self.file.close()

@hookimpl
def bootstrap(app):
    app.config.override({"app": {"tick_rate": 50.0}})

@hookimpl
def register(app):
    app.provide(Connection, Connection)
    app.register(Pump)
    app.on_ready(lambda event: None)
    app.facade(Bells).declare("bell", "NAME")

@hookimpl
def tick(app, dt): ...

@hookimpl
def render(app, frame): ...
"""


OWN_HOOKS = ("bootstrap", "register", "render", "tick")


class Ping(Command[str]):
    pass


class Counter:
    """A singleton of the application; every one that is alive is in `made`."""

    made: ClassVar["weakref.WeakSet[Counter]"] = weakref.WeakSet()

    def __init__(self) -> None:
        self.made.add(self)


@pytest.fixture
def app(site: Any) -> App:
    """An App with the plugins alpha and beta, which do everything that could leave something behind."""
    for name in ("alpha", "beta"):
        site.install(name, hooks=PLUGIN.replace("NAME", name))
    app = App()
    app.provide(Counter, Counter)
    app.handles(Ping)(pong)
    return app


def pong(message: Ping, counter: Counter) -> str:
    return f"pong {id(counter)}"


async def lived(app: App, *toggles: str) -> list[Fact]:
    """What is there after the application was put together, ran and stopped."""
    others = [f"no:{plugin.name}" for plugin in installed() if plugin.name not in ("alpha", "beta")]
    app.bootstrap(mode="sim", toggles=[*others, *toggles])
    async with app:
        assert (await app.dispatch(Ping())).startswith("pong")
    return facts(app)


def made_and_kept(app: App) -> tuple[int, int]:
    """The assemblies of an App and the singletons that are still alive."""
    gc.collect()
    own = (thing for thing in gc.get_objects() if type(thing).__name__ == "Assembly" and thing._app is app)
    return sum(1 for _ in own), len(Counter.made)


def texts(found: list[Fact], kind: str) -> list[str]:
    return [f"{fact.owner}: {fact.text}" for fact in found if fact.kind == kind]


async def test_three_stops_and_rebuilds_leave_everything_as_after_the_first(app: App) -> None:
    """K26: hooks, tasks, threads, descriptors, providers, handlers, declarations, configuration, objects."""
    first, before, objects = await lived(app), Surroundings(), made_and_kept(app)
    assert texts(first, "hook") == [f"{name}: {hook}" for name in ("alpha", "beta") for hook in sorted(OWN_HOOKS)] + [
        "kernel: dispatch"
    ]
    assert {text.partition(":")[0] for text in texts(first, "provider")} == {"application", "alpha", "beta"}
    assert texts(first, "declaration") == ["alpha: bell 'alpha'", "beta: bell 'beta'"]
    for _ in range(3):
        await lived(app, "no:beta")
        assert difference(first, await lived(app)) == []
        assert await before.left() == []
        assert made_and_kept(app) == objects


async def test_a_plugin_that_is_off_after_a_rebuild_has_left_nothing(app: App) -> None:
    """K26: as if it had never been on; what the application declared is acted on again."""
    never = await lived(app, "no:beta", "no:alpha")
    assert "kernel: [app] tick_rate = 60.0, its default" in texts(never, "setting")
    assert texts(never, "declaration") == []
    alone = await lived(app, "no:beta")
    assert any("tick_rate = 50.0" in text for text in texts(alone, "setting"))
    await lived(app)
    assert difference(alone, await lived(app, "no:beta")) == []
    assert difference(never, await lived(app, "no:beta", "no:alpha")) == []


async def test_singletons_are_made_anew(app: App) -> None:
    """K26"""
    made = []
    app.bootstrap(mode="sim")
    for _ in range(3):
        async with app:
            made.append(app.container.get(Counter))
    assert len(set(map(id, made))) == 3
