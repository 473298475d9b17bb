"""The application that a command is about: its options, and the App they mean."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import fields
from pathlib import Path

from framework import App
from framework.config import AppSettings
from framework.options import RunOptions, add_application_options
from framework.target import find_target, load_app


def parser(command: str, description: str) -> ArgumentParser:
    """A parser of the options that say which application is meant, for ``fw COMMAND``."""
    made = ArgumentParser(prog=f"fw {command}", description=description)
    add_application_options(made)
    return made


def options(given: Namespace) -> RunOptions:
    """The part of a parsed command line that says which application is meant."""
    return RunOptions(**{field.name: getattr(given, field.name) for field in fields(RunOptions) if field.name in given})


def application(chosen: RunOptions) -> App:
    """The App that the options or ``[app] target`` name, else ``app:app``; nothing of it is put together yet.

    In a folder where nothing names one and there is no module ``app``, an App that declares nothing, with a note on
    stderr: so the commands work for a plugin's author too. Raises :class:`framework.errors.FrameworkError`.
    """
    target = chosen.target or find_target(chosen)
    if target == AppSettings().target and not chosen.target and not (Path("app.py").exists() or Path("app").is_dir()):
        print("fw: there is no application here; this is about the installed plugins alone", file=sys.stderr)
        return App()
    return load_app(target)


def bootstrapped(chosen: RunOptions) -> App:
    """The same App, put together; nothing of it is started."""
    app = application(chosen)
    app.bootstrap(mode=chosen.mode, config=chosen.config, env=chosen.env, toggles=chosen.toggles, flags=chosen.flags)
    return app
