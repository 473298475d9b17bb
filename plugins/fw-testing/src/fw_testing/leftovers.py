"""What could be left behind: by a life of an application in its process, by a set of plugins in an application."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from framework import App

TURNS = 10
"""Turns of the loop in which connections that were closed may give back their descriptors."""
PATIENCE = 0.5
"""Seconds in which a thread that was told to end may do so."""
DESCRIPTORS = next((path for path in (Path("/proc/self/fd"), Path("/dev/fd")) if path.is_dir()), None)
PLAIN = (str, int, float, bool, type(None))


class Surroundings:
    """Tasks of the running loop, threads and descriptors of the process, at one moment.

    The threads of the loop's own pool, which stay with it, do not count. Systems that list no descriptors have none.
    """

    def __init__(self) -> None:
        self.tasks = asyncio.all_tasks()
        self.threads = {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}
        self.descriptors = set(_descriptors())

    async def left(self, *, turns: int = 0) -> list[str]:
        """What is there now and was not then, a line each; after ``turns`` of the loop for tasks that are ending."""
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks = sorted(task.get_name() for task in asyncio.all_tasks() - self.tasks)
        for thread in Surroundings().threads - self.threads:
            await asyncio.to_thread(thread.join, PATIENCE)
        for _ in range(TURNS):
            now = Surroundings()
            if not now.threads - self.threads and not now.descriptors - self.descriptors:
                break
            await asyncio.sleep(0)
        now = Surroundings()
        return [
            *(f"the task {name}" for name in tasks),
            *sorted(f"the thread {thread.name}" for thread in now.threads - self.threads),
            *sorted(f"the descriptor {number} ({what})" for number, what in now.descriptors - self.descriptors),
        ]


def _descriptors() -> Iterator[tuple[int, str]]:
    for entry in os.listdir(DESCRIPTORS) if DESCRIPTORS else ():  # noqa: PTH208 - the names only, without a look at each
        number = int(entry)
        try:
            status = os.fstat(number)
        except OSError:
            continue  # that of the listing itself, closed by now
        try:
            what = os.readlink(f"{DESCRIPTORS}/{entry}")  # noqa: PTH115 - it may be no path at all: `socket:[12345]`
        except OSError:
            what = f"inode {status.st_ino}"
        yield number, what


class Fact(NamedTuple):
    """One thing that an assembled application has, and whose it is."""

    kind: str
    owner: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}, of {self.owner}"


def facts(app: App) -> list[Fact]:
    """Everything that plugins and application have put into an App: what could grow from one bootstrap to the next.

    Hooks, providers, components, handlers, sections, declarations, units, and each setting with its source.
    """
    return sorted(_facts(app))


def _facts(app: App) -> Iterator[Fact]:
    registered = app.registered
    for hook, plugins in app.assembly.registry.implementers().items():
        for plugin in plugins:
            yield Fact("hook", plugin, hook)
    for provider in registered.providers:
        yield Fact("provider", provider.owner, f"{shown(provider.type)}, {provider.lifetime}")
    for kind, owner in registered.components:
        yield Fact("component", owner, shown(kind))
    for handler in registered.handlers:
        yield Fact("handler", handler.owner, f"{shown(handler.function)} for {shown(handler.message_type)}")
    for facade in app.facades:
        for declaration in facade.all_declared:
            yield Fact("declaration", declaration.owner, f"{declaration.kind} {shown(declaration.item)}")
    for unit in app.assembly.lifecycle.units:
        yield Fact("unit", unit.owner, unit.name)
    yield from _settings(app)


def _settings(app: App) -> Iterator[Fact]:
    from framework.config import KERNEL_SECTIONS

    sections: list[tuple[str, str, type[Any]]] = [("kernel", "app", KERNEL_SECTIONS["app"])]
    sections += [
        (plugin.name, plugin.name, plugin.resolve("config", plugin.manifest.config))
        for plugin in app.plugins
        if plugin.manifest.config
    ]
    sections += [(entry.owner, entry.section, entry.schema) for entry in app.registered.schemas]
    for owner, section, schema in sections:
        settings = app.config.get(schema)
        for field in fields(schema):
            value = "secret" if field.metadata.get("secret") else repr(getattr(settings, field.name))
            source = app.config.source(section, field.name)
            yield Fact("setting", owner, f"[{section}] {field.name} = {value}, {source}")


def shown(thing: Any) -> str:
    """A name that is the same in each life, where the object itself may be made anew."""
    if isinstance(thing, PLAIN):
        return repr(thing)
    kind = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{kind.__module__}.{kind.__qualname__}"


def difference(before: Iterable[Fact], after: Iterable[Fact]) -> list[str]:
    """What has come and what has gone, a line each."""
    old, new = Counter(before), Counter(after)
    return [
        *(f"more, {fact}" for fact in (new - old).elements()),
        *(f"gone, {fact}" for fact in (old - new).elements()),
    ]
