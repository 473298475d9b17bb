"""Calls through the kernel against the same calls made bare: `tick`, and the dispatch of a command."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pluggy
import pytest

from framework import App, Command, Manifest, hookimpl
from framework.hookspecs import PROJECT, tick

ROUNDS = 25
CALLS = 4_000
Work = Callable[[], Any]


def seconds(work: Work) -> float:
    """CPU seconds of one run of `work`."""
    started = time.process_time()
    work()
    return time.process_time() - started


def medians(*works: Work) -> list[float]:
    """Nanoseconds per call. Turn by turn, so that a busy moment falls on all; the median forgets it."""
    rounds = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(column) / CALLS * 1e9 for column in zip(*rounds, strict=True)]


def nothing() -> None:
    """An empty function."""


def call_empty() -> None:
    for _ in range(CALLS):
        nothing()


def call_none() -> None:
    for _ in range(CALLS):
        pass


def ticking(number: int) -> Any:
    class Ticking:
        manifest = Manifest(f"p{number}")

        @hookimpl
        def tick(self, app: App, dt: float) -> None: ...

    return Ticking()


class Specs:
    tick = staticmethod(tick)


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_tick(count: int) -> None:
    plugins = [ticking(number) for number in range(count)]
    app = App(plugins=plugins)
    app.bootstrap()
    guarded, methods = app.calls["tick"].call, [plugin.tick for plugin in plugins]
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)

    def bare_loop(app: App, dt: float) -> None:
        for method in methods:
            method(app, dt)

    def ours() -> None:
        for _ in range(CALLS):
            guarded(app, 0.1)

    def bare() -> None:
        for _ in range(CALLS):
            bare_loop(app, 0.1)

    def peer() -> None:
        for _ in range(CALLS):
            manager.hook.tick(app=app, dt=0.1)

    mine, least, theirs = medians(ours, bare, peer)
    print(
        f"\ntick, {count:2} implementations {mine:6.0f} ns   bare loop {least:6.0f} ns   ratio {mine / least:4.2f}   "
        f"pluggy {theirs:6.0f} ns   ratio {theirs / mine:4.1f}"
    )


@dataclass(frozen=True)
class Greet(Command[str]):
    name: str


def wrapping(number: int) -> Any:
    class Wrapping:
        manifest = Manifest(f"w{number}")

        @hookimpl(wrapper=True)
        def dispatch(self, app: App, message_type: type[Any]) -> Any:
            handler = yield

            async def through(message: Any) -> Any:
                return await handler(message)

            return through

    return Wrapping()


async def greet(message: Greet) -> str:
    return message.name


def pluggy_wrapped() -> Work:
    """pluggy's own call of one implementation with one wrapper around it."""

    class Wrapping:
        @hookimpl(wrapper=True)
        def tick(self, app: App, dt: float) -> Any:
            return (yield)

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Specs)
    for plugin in (ticking(0), Wrapping()):
        manager.register(plugin)

    def call() -> None:
        for _ in range(CALLS):
            manager.hook.tick(app=None, dt=0.1)

    return call


async def repeated(send: Callable[[Greet], Awaitable[str]]) -> float:
    message = Greet("Ada")
    started = time.process_time()
    for _ in range(CALLS):
        await send(message)
    return time.process_time() - started


async def measured(others: int, wrappers: int) -> tuple[float, float, float, float]:
    """Nanoseconds: dispatching, awaiting the handler, an empty function call, pluggy's call with one wrapper."""
    app = App(plugins=[wrapping(number) for number in range(wrappers)])
    app.handles(Greet)(greet)
    for number in range(others):
        kind: Any = type(f"Other{number}", (Command,), {})
        app.handles(kind)(lambda message: None)
    found: list[tuple[float, float, float, float, float]] = []
    peer = pluggy_wrapped()
    async with app:
        for _ in range(ROUNDS):
            sent, awaited = await repeated(app.dispatch), await repeated(greet)
            found.append((sent, awaited, seconds(call_empty), seconds(call_none), seconds(peer)))
    ours, bare, empty, loop, theirs = (statistics.median(column) / CALLS * 1e9 for column in zip(*found, strict=True))
    return ours, bare, empty - loop, theirs


@pytest.mark.parametrize("others, wrappers", [(0, 0), (20, 0), (0, 1), (0, 3)])
def test_dispatch(others: int, wrappers: int) -> None:
    ours, bare, empty, theirs = asyncio.run(measured(others, wrappers))
    print(
        f"\ndispatch, {others:2} other types, {wrappers} wrappers {ours:5.0f} ns   handler {bare:4.0f} ns   "
        f"empty call {empty:3.0f} ns   (dispatch - handler) / empty {(ours - bare) / empty:5.1f}   "
        f"pluggy, 1 wrapper {theirs:5.0f} ns"
    )
