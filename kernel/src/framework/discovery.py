"""Finds the plugins that are installed, without importing any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from framework.errors import BootstrapError
from framework.manifest import Manifest, check_name

GROUP = "fw.plugins"


@dataclass(frozen=True)
class Plugin:
    """A plugin that could be switched on: its manifest, its origin, and the way to its hooks object."""

    manifest: Manifest
    distribution: str = ""
    version: str = ""
    entry_point: str = ""
    hooks: Any = None
    broken: str = ""

    @property
    def name(self) -> str:
        return self.manifest.name

    def load(self) -> Any:
        """The hooks object; imports the plugin. Raises :class:`BootstrapError` naming the distribution."""
        if self.broken:
            raise BootstrapError(self.broken, remedy=self._remedy)
        if not self.entry_point:
            return self.hooks
        try:
            return resolve(self.entry_point)
        except Exception as error:
            raise BootstrapError(
                f"Plugin {self.name!r} ({self.distribution} {self.version}) cannot be loaded "
                f"from {self.entry_point!r}: {type(error).__name__}: {error}",
                remedy=self._remedy,
            ) from error

    def resolve(self, key: str, target: str) -> Any:
        """The object that ``key`` of the manifest names. Raises :class:`BootstrapError` naming key and distribution."""
        try:
            return resolve(target)
        except (ImportError, AttributeError) as error:
            raise BootstrapError(
                f"Plugin {self.name!r} ({self.distribution} {self.version}): {key} = {target!r} of its plugin.toml "
                f"cannot be resolved: {type(error).__name__}: {error}",
                remedy=self._remedy,
            ) from error

    @property
    def _remedy(self) -> str:
        return f"Repair or uninstall {self.distribution}, or switch it off with `fw run -p no:{self.name}`."


def resolve(target: str) -> Any:
    """The object that ``module:attribute`` names."""
    module, _, attribute = target.partition(":")
    value: Any = import_module(module)
    for part in attribute.split(".") if attribute else ():
        value = getattr(value, part)
    return value


def installed() -> list[Plugin]:
    """Every installed plugin, by name. Raises :class:`BootstrapError` if two distributions use one name."""
    from importlib_metadata import entry_points

    found: dict[str, Plugin] = {}
    for point in entry_points(group=GROUP):
        plugin = _read(point.name, point.value, point.dist)
        other = found.get(plugin.name)
        if other and other.entry_point != plugin.entry_point:
            raise BootstrapError(
                f"Two distributions provide a plugin named {plugin.name!r}: "
                f"{other.distribution} and {plugin.distribution}.",
                remedy="Uninstall one of them.",
            )
        found[plugin.name] = plugin
    return [found[name] for name in sorted(found)]


def _read(name: str, entry_point: str, dist: Any) -> Plugin:
    distribution, version = (dist.name, dist.version) if dist else ("", "")
    try:
        manifest, broken = _manifest(name, entry_point), ""
    except BootstrapError as error:
        manifest, broken = Manifest(name), str(error)
    return Plugin(manifest, distribution, version, entry_point, broken=broken)


def _manifest(name: str, entry_point: str) -> Manifest:
    package = entry_point.partition(":")[0].partition(".")[0]
    spec = find_spec(package)
    folders: Sequence[str] = list(spec.submodule_search_locations or ()) if spec else ()
    if spec is None:
        raise BootstrapError(f"Plugin {name!r}: its package {package!r} is not importable.")
    for folder in folders:
        path = Path(folder, "plugin.toml")
        if path.is_file():
            return Manifest.parse(path.read_text("utf-8"), str(path))
    return Manifest(name)


def given(hooks: Any) -> Plugin:
    """A plugin made from an object, module, class or function handed to ``App(plugins=[…])``.

    Its manifest is the object's attribute ``manifest``; without one, it is named after the object.
    """
    manifest = getattr(hooks, "manifest", None)
    if not isinstance(manifest, Manifest):
        name = getattr(hooks, "__name__", None) or type(hooks).__name__
        manifest = Manifest(str(name).rpartition(".")[2])
    check_name(manifest.name, "App(plugins=…)")
    return Plugin(manifest, hooks=hooks)
