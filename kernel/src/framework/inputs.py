"""`Sources`: where an App's plugins and settings come from; `Inputs`: what a bootstrap starts from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from framework.config import Config, PluginSettings
from framework.discovery import Plugin, given, installed
from framework.errors import BootstrapError
from framework.facade import Facade
from framework.sources import Layer, find_file, from_code, from_environment, from_file, from_flags
from framework.toggling import Toggles


@dataclass(frozen=True)
class Inputs:
    """Everything a bootstrap starts from: the plugins there are, the configuration, the toggles."""

    candidates: Sequence[Plugin]
    config: Config
    toggles: Toggles
    installed: Callable[[], Sequence[Plugin]]
    """Every installed plugin, candidate or not; looked for when first called."""


class Sources:
    """Where an App's plugins and settings come from."""

    def __init__(self, plugins: Sequence[Any] | None, defaults: Mapping[str, Mapping[str, Any]]) -> None:
        self._defaults = defaults
        self._exact = plugins is not None
        self._names = [plugin for plugin in plugins or () if isinstance(plugin, str)]
        self._given = [given(plugin) for plugin in plugins or () if not isinstance(plugin, str)]
        _check_distinct([plugin.name for plugin in self._given])

    @cached_property
    def _installed(self) -> list[Plugin]:
        return installed()

    @property
    def candidates(self) -> list[Plugin]:
        """The given plugins, then the installed ones that they do not replace."""
        names = {plugin.name for plugin in self._given}
        if self._exact and not self._names and not any(p.manifest.requires or p.manifest.after for p in self._given):
            return list(self._given)
        return [*self._given, *(plugin for plugin in self._installed if plugin.name not in names)]

    def facade_class(self, name: str) -> type[Facade]:
        """The class behind ``app.NAME``. Raises AttributeError saying what to install."""
        for plugin in [*self._given, *self._installed]:
            target = plugin.manifest.facades.get(name)
            if target:
                found: type[Facade] = plugin.resolve(f"facades.{name}", target)
                return found
        known = {facade for plugin in [*self._given, *self._installed] for facade in plugin.manifest.facades}
        near = get_close_matches(name, known, 1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"If a plugin adds it, install that: pip install fw-{name}"
        raise AttributeError(f"The App has no attribute {name!r}, and no installed plugin adds one. {remedy}")

    def read(
        self, file: str | PathLike[str] | None, env: str | None, toggles: Sequence[str], flags: Sequence[str]
    ) -> Inputs:
        """Read files, variables and flags. Raises :class:`ConfigError`."""
        layers: list[Layer] = [from_code(self._defaults)]
        path = Path(file) if self._exact and file else None if self._exact else find_file(file, os.environ, Path.cwd())
        if path is not None:
            layers += from_file(path, env or os.environ.get("FW_ENV"))
        config = Config(*layers, from_environment(os.environ), from_flags(flags))
        return Inputs(self.candidates, config, self._toggles(config, toggles), lambda: self._installed)

    def _toggles(self, config: Config, arguments: Sequence[str]) -> Toggles:
        if self._exact:
            return Toggles(only=frozenset([*self._names, *(plugin.name for plugin in self._given)]))
        settings = config.load(PluginSettings, "plugins")
        enable = {name: _source(config, "enable") for name in settings.enable}
        disable = {name: _source(config, "disable") for name in settings.disable}
        for argument in arguments:
            name = argument.removeprefix("no:")
            target, other = (disable, enable) if argument.startswith("no:") else (enable, disable)
            other.pop(name, None)
            target[name] = f"-p {argument}"
        return Toggles(enable, disable)


def _check_distinct(names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise BootstrapError(
                f"App(plugins=…) has two plugins named {name!r}.",
                remedy='Give one a name of its own: manifest = Manifest("my-plugin").',
            )


def _source(config: Config, key: str) -> str:
    value = config.value("plugins", key)
    return value.source if value else f"[plugins] {key}"
