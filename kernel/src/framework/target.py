"""Finds and imports the App that `fw run` is to run."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from framework.app import App
from framework.config import AppSettings
from framework.discovery import resolve
from framework.errors import BootstrapError
from framework.inputs import Sources

if TYPE_CHECKING:
    from framework.options import RunOptions


def find_target(options: RunOptions) -> str:
    """What ``[app] target`` says; ``app:app`` by default."""
    return Sources(None, {}).read(options.config, options.env, (), options.flags).config.load(AppSettings, "app").target


def load_app(target: str) -> App:
    """Import ``module:attribute``, looking in the current folder first. Raises :class:`BootstrapError`."""
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module, colon, attribute = target.partition(":")
    target = target if colon else f"{module}:app"
    try:
        app = resolve(target)
    except ModuleNotFoundError as error:
        if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
            raise _broken(target, error) from error
        raise BootstrapError(
            f"There is no module {module!r} in {folder} or among the installed packages.",
            remedy="Name the application: fw run MODULE:ATTRIBUTE, or set target in [app] of fw.toml.",
        ) from error
    except AttributeError as error:
        if colon and error.name != attribute:
            raise _broken(target, error) from error
        raise BootstrapError(
            f"Module {module!r} has no attribute {attribute or 'app'!r}.", remedy=f"Try fw run {module}:NAME."
        ) from error
    except Exception as error:
        raise _broken(target, error) from error
    if not isinstance(app, App):
        raise BootstrapError(
            f"{target!r} is a {type(app).__name__}, not an App.", remedy="Name the variable that holds App(…)."
        )
    return app


def _broken(target: str, error: Exception) -> BootstrapError:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    place = f" (at {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return BootstrapError(f"{target!r} cannot be imported: {type(error).__name__}: {error}{place}.")
