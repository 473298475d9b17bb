"""Hooks that plugins add: where a plugin declares them."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from framework.errors import BootstrapError

if TYPE_CHECKING:
    from framework.discovery import Plugin


def hookspecs_of(plugin: Plugin, hooks: Any) -> Any:
    """The module that declares the hooks a plugin adds, or None.

    That is ``hookspecs.py`` in the package of an installed plugin, which has been imported, and the attribute
    ``hookspecs`` of an object given to ``App(plugins=[…])``. Raises :class:`BootstrapError`.
    """
    if not plugin.entry_point:
        return getattr(hooks, "hookspecs", None)
    package = plugin.entry_point.partition(":")[0].partition(".")[0]
    folders = getattr(sys.modules.get(package), "__path__", ())
    if not any(os.path.isfile(os.path.join(folder, "hookspecs.py")) for folder in folders):
        return None
    try:
        return import_module(f"{package}.hookspecs")
    except Exception as error:
        raise BootstrapError(
            f"Plugin {plugin.name!r} ({plugin.distribution} {plugin.version}): its hookspecs.py cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error
