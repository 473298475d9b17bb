"""`Plugin`: one that could be switched on; and the ones that are installed, without importing any of them."""

from __future__ import annotations

from framework.errors import BootstrapError, FailureReport, PluginFailure
from framework.manifest import Manifest, check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Plugin:
    """A plugin that could be switched on: its manifest, its origin, and the way to its hooks object.

    ``broken`` says why it cannot be used; ``unknown`` that its manifest could not be read far enough to say whether it
    guards something.
    """

    __slots__ = ("broken", "distribution", "entry_point", "hooks", "manifest", "unknown", "version")

    def __init__(
        self,
        manifest: Manifest,
        distribution: str = "",
        version: str = "",
        entry_point: str = "",
        hooks: Any = None,
        broken: str = "",
        unknown: bool = False,
    ) -> None:
        self.manifest = manifest
        self.distribution = distribution
        self.version = version
        self.entry_point = entry_point
        self.hooks = hooks
        self.broken = broken
        self.unknown = unknown

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def guard(self) -> bool:
        """Whether an application must not run without it: so it says, or it may have said so."""
        return self.manifest.guard or self.unknown

    def failure(self, phase: str, cause: BaseException, unit: str = "") -> FailureReport:
        """A report of what this plugin did in a phase."""
        return FailureReport(phase, self.name, unit or self.name, cause, self.distribution, self.version)

    def load(self) -> Any:
        """The hooks object; imports the plugin. Raises :class:`PluginFailure`."""
        if self.broken:
            raise PluginFailure([self.failure("discovery", BootstrapError(self.broken))])
        if not self.entry_point:
            return self.hooks
        try:
            return resolve(self.entry_point)
        except Exception as error:
            raise PluginFailure([self.failure(f"import of {self.entry_point!r}", error)]) from error

    def resolve(self, key: str, target: str) -> Any:
        """The object that ``key`` of the manifest names. Raises :class:`PluginFailure` naming key and distribution."""
        try:
            return resolve(target)
        except Exception as error:
            raise PluginFailure([self.failure(f"resolving {key} = {target!r} of its plugin.toml", error)]) from error


def resolve(target: str) -> Any:
    """The object that ``module:attribute`` names."""
    from importlib import import_module

    module, _, attribute = target.partition(":")
    value: Any = import_module(module)
    for part in attribute.split(".") if attribute else ():
        value = getattr(value, part)
    return value


def installed() -> list[Plugin]:
    """Every installed plugin, by name, out of the index. Those that cannot be used say so in ``broken``."""
    from framework.index import read

    return plugins_of(read().points)


def plugins_of(points: list[dict[str, Any]]) -> list[Plugin]:
    """The plugins of an index. Two distributions that use one name make one plugin, which is broken."""
    found: dict[str, Plugin] = {}
    for point in points:
        plugin = Plugin(
            Manifest(**point["manifest"]),
            point["distribution"],
            point["version"],
            point["entry_point"],
            None,
            point["broken"],
            point["unknown"],
        )
        other = found.get(plugin.name)
        if other and other.entry_point != plugin.entry_point:
            plugin.broken = (
                f"Two distributions provide a plugin named {plugin.name!r}: "
                f"{other.distribution} and {plugin.distribution}. Uninstall one of them."
            )
            plugin.unknown = plugin.unknown or other.guard
        found[plugin.name] = plugin
    return [found[name] for name in sorted(found)]


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
