"""`Manifest`: what a plugin says of itself in `plugin.toml`, readable without importing it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from framework.errors import BootstrapError

API_VERSIONS = (1,)
RESERVED_NAMES = frozenset({"app", "application", "env", "kernel", "plugins"})
"""Owners and sections of the configuration that are the kernel's own."""


@dataclass(frozen=True)
class Manifest:
    """The contents of ``plugin.toml``.

    ``requires`` and ``after`` name plugins or capabilities: those of ``requires`` must be on, those of ``after`` come
    first if they are. ``modes`` empty means every mode. ``facades`` maps an attribute of the App to ``module:class``;
    ``config`` is ``module:dataclass``, the schema of the section named like the plugin.
    """

    name: str
    summary: str = ""
    api_version: int = 1
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    guard: bool = False
    facades: Mapping[str, str] = field(default_factory=dict)
    config: str = ""

    @classmethod
    def parse(cls, text: str, place: str) -> Manifest:
        """Read the text of a ``plugin.toml``; ``place`` names it in errors. Raises :class:`BootstrapError`."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BootstrapError(f"{place} is not valid TOML: {error}.") from error
        values = {key: _checked(key, value, place) for key, value in table.items()}
        if not values.get("name"):
            raise BootstrapError(f"{place} does not say the plugin's name.", remedy='Add a line: name = "my-plugin".')
        check_name(values["name"], place)
        manifest = cls(**values)
        if manifest.api_version not in API_VERSIONS:
            raise BootstrapError(
                f"{place}: plugin {manifest.name!r} is written for hook API {manifest.api_version}; this kernel speaks "
                f"{', '.join(map(str, API_VERSIONS))}.",
                remedy="Upgrade fw-core, or install a version of the plugin made for it.",
            )
        return manifest


def check_name(name: str, place: str) -> None:
    """Raise :class:`BootstrapError` for a name that would be taken for the kernel's or the application's own."""
    if name in RESERVED_NAMES:
        raise BootstrapError(
            f"{place}: {name!r} is a name the kernel keeps for itself.", remedy="Give the plugin another name."
        )


_LISTS = ("requires", "after", "provides", "modes")
_TYPES: Mapping[str, type] = {"name": str, "summary": str, "config": str, "api_version": int, "guard": bool}


def _checked(key: str, value: Any, place: str) -> Any:
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BootstrapError(f"{place}: {key} must be a list of strings, not {value!r}.")
        return tuple(value)
    if key == "facades":
        if not isinstance(value, dict) or not all(isinstance(v, str) and ":" in v for v in value.values()):
            raise BootstrapError(f"{place}: facades must map names to 'module:class', not {value!r}.")
        return value
    if key not in _TYPES:
        near = get_close_matches(key, [f.name for f in fields(Manifest)], 1)
        raise BootstrapError(
            f"{place}: unknown key {key!r}.", remedy=f"Did you mean {near[0]!r}?" if near else "Remove it."
        )
    if type(value) is not _TYPES[key]:
        raise BootstrapError(f"{place}: {key} must be of type {_TYPES[key].__name__}, not {value!r}.")
    return value
