"""What the code says of itself: hooks, settings and public names, with their docstrings."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from importlib import import_module
from typing import Any, get_type_hints

from workspace import ROOT, members

from framework import hookspecs
from framework.config import KERNEL_SECTIONS
from framework.discovery import Plugin, installed, resolve
from framework.facade import Facade
from framework.graph import order
from framework.hookspecs import HOOKS, LIFE_HOOKS
from framework.registry import Registry


@dataclass(frozen=True)
class Described:
    """A name and the first line of its docstring, '' if it has none of its own."""

    name: str
    summary: str


@dataclass(frozen=True)
class Hook:
    """A hook: its signature, its docstring (whole and first line), and the plugins that implement it."""

    name: str
    text: str
    summary: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """One setting; ``default`` as JSON."""

    name: str
    kind: Any
    default: str
    secret: bool


@dataclass(frozen=True)
class Section:
    """One section of the configuration, and who reads it."""

    name: str
    reader: str
    keys: tuple[Key, ...]


def plugins() -> list[Plugin]:
    """The installed plugins of this workspace, in graph order: by name where the graph leaves it open."""
    own = {member.name for member in members(ROOT) if member.folder.parent.name in ("plugins", "contrib")}
    found = {plugin.name: plugin for plugin in installed() if plugin.distribution in own}
    offers = {offer: plugin.name for plugin in found.values() for offer in plugin.manifest.provides}
    needs = {
        name: {offers.get(need, need) for need in (*plugin.manifest.requires, *plugin.manifest.after)} & set(found)
        for name, plugin in found.items()
    }
    return [found[name] for name in order(needs)]


def hooks() -> Iterator[Hook]:
    """The kernel's hooks in life order; implementers in the order in which they are called."""
    registry, on = Registry(), plugins()
    registry.fill([(plugin.name, plugin.load()) for plugin in on])
    registry.set_default(lambda message_type: message_type)
    for name in HOOKS:
        function = getattr(hookspecs, name)
        parameters = ", ".join(inspect.signature(function).parameters)
        text = plain(inspect.getdoc(function) or "")
        if name in LIFE_HOOKS:
            by = [plugin.name for plugin in on if registry.life(plugin.name, name) is not None]
            by = by[::-1] if name == "stop" else by
        else:
            pair = tuple(inspect.signature(function).parameters)[:2]
            both = (registry.hot(name, (pair[0], pair[1]), wrappers=wrappers) for wrappers in (True, False))
            by = [plugin for calls in both for plugin, _ in calls]
        yield Hook(f"{name}({parameters})", text, text.splitlines()[0], tuple(by))


def settings() -> Iterator[Section]:
    """The kernel's sections, then the plugins', by name."""
    for name, schema in KERNEL_SECTIONS.items():
        yield Section(name, "the kernel", tuple(keys(schema)))
    for plugin in sorted(plugins(), key=lambda plugin: plugin.name):
        if plugin.manifest.config:
            yield Section(plugin.name, plugin.distribution, tuple(keys(resolve(plugin.manifest.config))))


def keys(schema: type[Any]) -> Iterator[Key]:
    """The settings of a section."""
    kinds = get_type_hints(schema)
    for field in fields(schema):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        value = default.value if isinstance(default, Enum) else default
        yield Key(field.name, kinds[field.name], json.dumps(value, default=str), bool(field.metadata.get("secret")))


def names() -> Iterator[tuple[str, list[Described]]]:
    """Every package that has public names, the kernel first, with them."""
    for member in members(ROOT):
        if member.folder.parent.name == "examples":
            continue
        module = import_module(member.module)
        found = [described(name, getattr(module, name)) for name in sorted(getattr(module, "__all__", ()))]
        if found:
            yield member.module, found


def on_the_app() -> Iterator[Described]:
    """What plugins add to every App: the members of their facades, and the shortcuts to these."""
    for plugin in sorted(plugins(), key=lambda plugin: plugin.name):
        for name, target in plugin.manifest.facades.items():
            kind = resolve(target)
            for member in sorted(set(dir(kind)) - set(dir(Facade))):
                if not member.startswith("_") and (callable(value := getattr(kind, member)) or _is_property(value)):
                    yield described(f"app.{name}.{member}", value)
        for name, target in plugin.manifest.members.items():
            yield Described(f"app.{name}", f"The same as `app.{target}`.")


def _is_property(value: object) -> bool:
    return isinstance(value, property)


def described(name: str, value: Any) -> Described:
    """The first line of a docstring; of a constant, its value or its type."""
    if isinstance(value, str):
        return Described(name, f"The text `{value}`.".replace("|", "\\|"))
    text = inspect.getdoc(value) or ""
    if not text and not (inspect.isclass(value) or inspect.isroutine(value) or _is_property(value)):
        return Described(name, f"A constant of type `{type(value).__name__}`.")
    if text.startswith(f"{name}("):  # what dataclasses write where there is nothing
        text = ""
    return Described(name, plain(text.partition("\n")[0]).replace("|", "\\|"))


def plain(text: str) -> str:
    """A docstring as Markdown: roles and doubled backticks become simple ones."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")
