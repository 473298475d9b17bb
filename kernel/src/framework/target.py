"""Finds and imports the App that `fw run` is to run."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from framework.app import App
from framework.config import AppSettings
from framework.errors import BootstrapError, place_of
from framework.inputs import Sources

if TYPE_CHECKING:
    from framework.options import RunOptions


def find_target(options: RunOptions) -> str:
    """What ``[app] target`` says; ``app:app`` by default. What else is wrong is told with the rest, by bootstrap."""
    config = Sources(None, {}).read(options.config, options.env, (), options.flags).config
    found = config.value("app", "target")
    if found is not None and isinstance(found.raw, str):
        return found.raw
    return config.load(AppSettings, "app").target if found else AppSettings().target


def load_app(target: str) -> App:
    """Import ``module:attribute``, looking in the current folder first. Raises :class:`BootstrapError`."""
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module, _, attribute = target.partition(":")
    app: Any = _imported(module, folder)
    for part in (attribute or "app").split("."):
        if not hasattr(app, part):
            raise BootstrapError(
                f"Module {module!r} has no attribute {attribute or 'app'!r}.", remedy=f"Try fw run {module}:NAME."
            )
        app = getattr(app, part)
    if not isinstance(app, App):
        raise BootstrapError(
            f"{target!r} is a {type(app).__name__}, not an App.", remedy="Name the variable that holds App(…)."
        )
    return app


def _imported(module: str, folder: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
            raise _broken(module, error) from error
        raise BootstrapError(
            f"There is no module {module!r} in {folder} or among the installed packages.",
            remedy="Name the application: fw run MODULE:ATTRIBUTE, or set target in [app] of fw.toml.",
        ) from error
    except Exception as error:
        raise _broken(module, error) from error


def _broken(module: str, error: Exception) -> BootstrapError:
    """What is wrong and where: the place that the error itself names, else the last line of the user's that ran."""
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    place = place_of(error) or "an unknown place"
    return BootstrapError(f"{module!r} cannot be imported: {type(error).__name__} at {place}: {what}")
