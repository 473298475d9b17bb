"""K26: an App is stopped, rebuilt with another set of plugins and started again, and leaves nothing behind."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from framework import App, Command
from framework.discovery import installed
from framework.hookspecs import HOOKS

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


def facts(app: App) -> Iterator[tuple[str, Any]]:
    """Everything that could grow from one life of the application to the next."""
    gc.collect()
    registered, assembly = app._registered, app.assembly
    manager = assembly.registry._manager
    yield "hooks", {hook: [i.plugin_name for i in getattr(manager.hook, hook).get_hookimpls()] for hook in HOOKS}
    yield "tasks", len(asyncio.all_tasks())
    yield "threads", threading.active_count()
    if Path("/proc/self/fd").is_dir():
        yield "descriptors", len(list(Path("/proc/self/fd").iterdir()))
    yield "providers", [(provider.type, provider.owner) for provider in registered.providers]
    yield "components", list(registered.components)
    yield "handlers", [(handler.message_type, handler.owner) for handler in registered.handlers]
    yield "declarations", [(d.kind, d.item, d.owner) for facade in app.facades for d in facade.all_declared]
    yield "layers", len(app.config._layers)
    yield "tick rate", (assembly.settings.tick_rate, app.config.source("app", "tick_rate").rpartition("/")[2])
    own = (thing for thing in gc.get_objects() if type(thing).__name__ == "Assembly" and thing._app is app)
    yield "assemblies", sum(1 for _ in own)
    yield "singletons", len(Counter.made)


async def lived(app: App, *toggles: str) -> dict[str, Any]:
    """What is there after the application was put together, ran and stopped."""
    others = [f"no:{plugin.name}" for plugin in installed() if plugin.name not in ("alpha", "beta")]
    app.bootstrap(mode="sim", toggles=[*others, *toggles])
    async with app:
        assert (await app.dispatch(Ping())).startswith("pong")
    return dict(facts(app))


async def test_three_stops_and_rebuilds_leave_everything_as_after_the_first(app: App) -> None:
    """K26: hooks, tasks, threads, descriptors, providers, handlers, declarations, configuration, objects."""
    first = await lived(app)
    assert {owner for _, owner in first["providers"]} == {"application", "alpha", "beta"}
    assert first["declarations"] == [("bell", "alpha", "alpha"), ("bell", "beta", "beta")]
    for _ in range(3):
        await lived(app, "no:beta")
        assert await lived(app) == first


async def test_a_plugin_that_is_off_after_a_rebuild_has_left_nothing(app: App) -> None:
    """K26: as if it had never been on; what the application declared is acted on again."""
    never = await lived(app, "no:beta", "no:alpha")
    assert (never["tick rate"], never["declarations"]) == ((60.0, "its default"), [])
    alone = await lived(app, "no:beta")
    assert alone["tick rate"][0] == 50.0
    await lived(app)
    assert await lived(app, "no:beta") == alone
    assert await lived(app, "no:beta", "no:alpha") == never


async def test_singletons_are_made_anew(app: App) -> None:
    """K26"""
    made = []
    app.bootstrap(mode="sim")
    for _ in range(3):
        async with app:
            made.append(app.container.get(Counter))
    assert len(set(map(id, made))) == 3
