"""Errors of the commands."""

from __future__ import annotations

from framework.errors import EXIT_USAGE, FrameworkError


class InitError(FrameworkError):
    """A project cannot be made; nothing has been written."""

    exit_code = EXIT_USAGE
