"""Which installed plugins can be on together with the one under examination."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framework.discovery import Plugin
    from fw_testing.trial import Trial


def companions(trial: Trial) -> list[str]:
    """As many as can be: each, by name, that fits to the ones before it.

    Left out are those that are broken, need a setting that nobody gave, provide or add what another does already, or
    require what is not there.
    """
    from framework.discovery import installed
    from framework.errors import BootstrapError
    from framework.toggling import Toggles, select

    known, settings, found = installed(), trial.defaults(), [trial.subject.name]
    for plugin in known:
        if plugin.broken or plugin.name in found or _lacks_settings(plugin, settings.get(plugin.name, ())):
            continue
        try:
            select(known, trial.mode or "", Toggles(only=frozenset([*found, plugin.name])))
        except BootstrapError:
            continue  # it does not fit, which is no fault of the plugin under examination
        found.append(plugin.name)
    return found[1:]


def _lacks_settings(plugin: Plugin, given: object) -> bool:
    from framework.discovery import resolve

    schema = resolve(plugin.manifest.config) if plugin.manifest.config else None
    names = set(given) if isinstance(given, dict) else set()
    return is_dataclass(schema) and any(
        field.default is MISSING and field.default_factory is MISSING and field.name not in names
        for field in fields(schema)
    )
