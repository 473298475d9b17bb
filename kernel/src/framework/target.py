"""Finds and imports the App that `fw run` is to run."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from framework.app import App
from framework.config import AppSettings
from framework.errors import BootstrapError
from framework.inputs import Sources

if TYPE_CHECKING:
    from framework.options import RunOptions


def find_target(options: RunOptions) -> str:
    """What ``[app] target`` says; ``app:app`` by default."""
    return Sources(None, {}).read(options.config, options.env, (), options.flags).config.load(AppSettings, "app").target


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
    own = os.path.join(os.path.dirname(__file__), "")
    frames = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and not frame.filename.startswith(own)
    ]
    if isinstance(error, SyntaxError):
        what, place = error.msg, f"{error.filename}:{error.lineno}"
    else:
        what, place = str(error), frames[-1] if frames else "an unknown place"
    return BootstrapError(f"{module!r} cannot be imported: {type(error).__name__} at {place}: {what}")
