"""`Sources`: where an App's plugins and settings come from; `Inputs`: what a bootstrap starts from."""

from __future__ import annotations

from framework.errors import BootstrapError, ConfigError, did_you_mean
from framework.toggling import Toggles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike
    from typing import Any

    from framework.config import Config
    from framework.discovery import Plugin
    from framework.facade import Facade
    from framework.sources import Layer

PACKAGES = {"add_http_middleware": "fw-http", "schedule": "fw-scheduler", "test_client": "fw-http"}
"""Packages to recommend for attributes of the App that are not called like them."""


class Inputs:
    """Everything a bootstrap starts from: the plugins there are, the configuration, the toggles."""

    def __init__(
        self,
        sources: Sources,
        read: Callable[[], Sequence[Layer]],
        arguments: Sequence[str],
        environment: str | None = None,
    ) -> None:
        self._sources = sources
        self._read = read
        self._layers = read()
        self._environment = environment
        self._config: Config | None = None
        self.candidates: Sequence[Plugin] = sources.candidates
        self.toggles, self.policy = sources.toggles(self, arguments)

    @property
    def config(self) -> Config:
        """The layers as one; made when first asked for, since listing plugins may do without."""
        if self._config is None:
            from framework.config import Config

            self._config = Config(*self._layers, read=self._read, environment=self._environment)
        return self._config

    def sets(self, section: str) -> bool:
        """Whether any layer sets something in a section."""
        return any(layer.get(section) for layer in self._layers)

    def rank(self, key: str) -> int:
        """The place of the highest layer that sets a key of ``[plugins]``; -1 if none does."""
        return max((number for number, layer in enumerate(self._layers) if key in layer.get("plugins", {})), default=-1)

    def installed(self) -> Sequence[Plugin]:
        """Every installed plugin, candidate or not; looked for when first called."""
        return self._sources.installed


class Sources:
    """Where an App's plugins and settings come from."""

    def __init__(self, plugins: Sequence[Any] | None, defaults: Mapping[str, Mapping[str, Any]]) -> None:
        self._defaults = defaults
        self._installed: list[Plugin] | None = None
        self._exact = plugins is not None
        self._names = [plugin for plugin in plugins or () if isinstance(plugin, str)]
        objects = [plugin for plugin in plugins or () if not isinstance(plugin, str)]
        self._given = _given(objects) if objects else []

    @property
    def installed(self) -> list[Plugin]:
        """Every installed plugin; looked for once."""
        if self._installed is None:
            from framework.discovery import installed

            self._installed = installed()
        return self._installed

    @property
    def candidates(self) -> list[Plugin]:
        """The given plugins, then the installed ones that they do not replace."""
        names = {plugin.name for plugin in self._given}
        if self._exact and not self._names and not any(p.manifest.requires or p.manifest.after for p in self._given):
            return list(self._given)
        return [*self._given, *(plugin for plugin in self.installed if plugin.name not in names)]

    def attribute(self, name: str) -> tuple[type[Facade], Sequence[str]]:
        """The facade behind ``app.NAME``, and the way from it to a member. Raises AttributeError saying what to do."""
        for plugin in [*self._given, *self.installed]:
            facade, *way = plugin.manifest.members.get(name, name).split(".")
            target = plugin.manifest.facades.get(facade)
            if target:
                found: type[Facade] = plugin.resolve(f"facades.{facade}", target)
                return found, way
        raise AttributeError(
            f"The App has no attribute {name!r}, and no installed plugin adds one. {self._advice(name)}", name=name
        )

    def _advice(self, name: str) -> str:
        known = [n for p in [*self._given, *self.installed] for n in (*p.manifest.facades, *p.manifest.members)]
        package = PACKAGES.get(name, f"fw-{name.replace('_', '-')}")
        return f"{did_you_mean(name, known)} If a plugin is to add it, install that: pip install {package}".lstrip()

    def read(
        self, file: str | PathLike[str] | None, env: str | None, toggles: Sequence[str], flags: Sequence[str]
    ) -> Inputs:
        """Read files, variables and flags. Raises :class:`ConfigError`."""
        import os
        from functools import partial

        return Inputs(self, partial(self._layers, file, env, flags), toggles, env or os.environ.get("FW_ENV"))

    def _layers(self, file: str | PathLike[str] | None, env: str | None, flags: Sequence[str]) -> Sequence[Layer]:
        import os

        from framework.sources import find_file, from_code, from_environment, from_file, from_flags

        layers = [from_code(self._defaults)]
        # An exact set looks for no file; one that is named is read.
        path = None if self._exact and not file else find_file(file, os.environ, os.getcwd())
        chosen = env or os.environ.get("FW_ENV")
        if path is not None:
            layers += from_file(path, chosen)
        elif env or (chosen and not self._exact):
            by = "" if env else ", which FW_ENV names"
            raise ConfigError(
                f"There is no configuration file, so it has no environment [env.{chosen}]{by}.",
                remedy="Name a file: --config FILE or FW_CONFIG; or write a fw.toml here.",
            )
        return [*layers, from_environment(os.environ), from_flags(flags)]

    def toggles(self, inputs: Inputs, arguments: Sequence[str]) -> tuple[Toggles, str]:
        """What is switched on and off, and the policy for plugins that fail. Raises :class:`ConfigError`."""
        enable: dict[str, str] = {}
        disable: dict[str, str] = {}
        policy = "strict"
        if inputs.sets("plugins"):
            from framework.config import PluginSettings

            settings = inputs.config.load(PluginSettings, "plugins")
            policy = settings.policy
            enable = {name: _source(inputs.config, "enable") for name in settings.enable}
            disable = {name: _source(inputs.config, "disable") for name in settings.disable}
            # The layer that is nearer to the user has the last word; within one layer, `enable` has it.
            losing, winning = (enable, disable) if inputs.rank("disable") > inputs.rank("enable") else (disable, enable)
            for name in winning:
                losing.pop(name, None)
        if self._exact:
            return Toggles(only=frozenset([*self._names, *(plugin.name for plugin in self._given)])), policy
        for argument in arguments:
            name = argument.removeprefix("no:")
            if not name:
                raise ConfigError(f"-p {argument!r} names no plugin.", remedy="Write -p NAME or -p no:NAME.")
            target, other = (disable, enable) if argument.startswith("no:") else (enable, disable)
            other.pop(name, None)
            target[name] = f"-p {argument}"
        return Toggles(enable, disable), policy


def _given(objects: Sequence[Any]) -> list[Plugin]:
    from framework.discovery import given

    found = [given(hooks) for hooks in objects]
    names = [plugin.name for plugin in found]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise BootstrapError(
                f"App(plugins=…) has two plugins named {name!r}.",
                remedy='Give one a name of its own: manifest = Manifest("my-plugin").',
            )
    return found


def _source(config: Config, key: str) -> str:
    value = config.value("plugins", key)
    return value.source if value else f"[plugins] {key}"
