"""`Others`: the installed plugins that one under examination could be using."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framework import Manifest
    from framework.discovery import Plugin
    from fw_testing.subject import Subject


class Others:
    """Installed plugins by their package, and by what they add to the App."""

    def __init__(self, subject: Subject) -> None:
        from framework.discovery import installed

        self._manifest = subject.manifest
        plugins = [plugin for plugin in installed() if plugin.name != subject.name]
        self.of_package: dict[str, Plugin] = {plugin.entry_point.partition(".")[0]: plugin for plugin in plugins}
        self.of_attribute: dict[str, Plugin] = {
            name: plugin for plugin in plugins for name in (*plugin.manifest.facades, *plugin.manifest.members)
        }
        self._subject = subject

    @cached_property
    def imports(self) -> list[tuple[str, str, bool]]:
        """Those of :meth:`Subject.framework_imports` that are of other packages than its own."""
        own = self._subject.package.name
        return [found for found in self._subject.framework_imports() if found[0] != own]

    def related(self, plugin: Plugin) -> bool:
        """Whether either manifest names the other plugin, or what it provides, as coming first.

        The one that provides what another waits for imports the port from that other's package, and comes before it.
        """
        return _names(self._manifest, plugin.manifest) or _names(plugin.manifest, self._manifest)


def _names(later: Manifest, earlier: Manifest) -> bool:
    return bool({*later.requires, *later.after} & {earlier.name, *earlier.provides})
