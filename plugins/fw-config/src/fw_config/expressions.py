"""Refuses dynaconf's expressions: a value is what is written, and nothing that is to be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from framework.errors import ConfigError
from framework.sources import Layer

TOKENS = frozenset(
    (
        *("@bool", "@capitalize", "@casefold", "@comment", "@del", "@empty", "@float", "@format", "@get", "@insert"),
        *("@int", "@jinja", "@json", "@lower", "@lstrip", "@merge", "@merge_unique", "@none", "@note", "@null"),
        *("@read_file", "@reset", "@rstrip", "@split", "@str", "@strip", "@swapcase", "@title", "@upper"),
    )
)
"""The words that dynaconf evaluates at the beginning of a value."""


def expressions(layers: Iterable[Layer]) -> Iterator[ConfigError]:
    """An error for each value of a file, a variable or a flag that begins with such a word.

    Secrets are left alone: they are read as they are.
    """
    for layer in layers:
        if layer.name not in ("files", "environment", "flags"):
            continue
        for section, keys in layer.items():
            for key, value in keys.items():
                for token in _tokens(value.raw, set()):
                    yield ConfigError(
                        f"{value.source}: [{section}] {key} begins with {token!r}, but expressions are not evaluated.",
                        remedy="Write the value itself; put a secret into a file and name that in [config] secrets.",
                    )


def _tokens(raw: Any, seen: set[int]) -> Iterator[str]:
    """The expressions in a value, each container looked into once (YAML may refer to one many times)."""
    if isinstance(raw, str):
        word = raw.partition(" ")[0]
        if word in TOKENS:
            yield word
    elif isinstance(raw, Mapping | list) and id(raw) not in seen:
        seen.add(id(raw))
        for item in raw.values() if isinstance(raw, Mapping) else raw:
            yield from _tokens(item, seen)
