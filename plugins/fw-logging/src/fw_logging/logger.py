"""`Logger` and `log`: what a program writes its lines with. May be used while modules are imported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

from fw_logging.context import context
from fw_logging.plain import plain_fields
from fw_logging.route import route

_loggers: dict[str, logging.Logger] = {}


class Logger:
    """Writes lines under the name of the module that calls. A message is shown as it is; values go into fields."""

    __slots__ = ("_bound",)

    def __init__(self, bound: Mapping[str, Any] | None = None) -> None:
        self._bound: Mapping[str, Any] = bound or {}

    def bind(self, **fields: Any) -> Logger:
        """A logger all of whose lines carry these fields."""
        return Logger({**self._bound, **plain_fields(fields)})

    def debug(self, message: str, /, **fields: Any) -> None:
        """What helps whoever looks for a fault."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - a tenth of what inspect takes
        if logger.isEnabledFor(10):
            route.send(logger, 10, message, {**context.get(), **self._bound}, fields)

    def info(self, message: str, /, **fields: Any) -> None:
        """What happened, as it should."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the same
        if logger.isEnabledFor(20):
            route.send(logger, 20, message, {**context.get(), **self._bound}, fields)

    def warning(self, message: str, /, **fields: Any) -> None:
        """What should not happen and was dealt with."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the same
        if logger.isEnabledFor(30):
            route.send(logger, 30, message, {**context.get(), **self._bound}, fields)

    def error(self, message: str, /, **fields: Any) -> None:
        """What failed. ``exception=error`` adds the exception, in the other methods too."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the same
        if logger.isEnabledFor(40):
            route.send(logger, 40, message, {**context.get(), **self._bound}, fields)

    def exception(self, message: str, /, **fields: Any) -> None:
        """What failed, with the exception that is being handled."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the same
        if logger.isEnabledFor(40):
            fields.setdefault("exception", sys.exc_info()[1])
            route.send(logger, 40, message, {**context.get(), **self._bound}, fields)

    def critical(self, message: str, /, **fields: Any) -> None:
        """What ends the program, or should wake somebody."""
        logger = _named(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - the same
        if logger.isEnabledFor(50):
            route.send(logger, 50, message, {**context.get(), **self._bound}, fields)


def _named(name: str | None) -> logging.Logger:
    """The standard library's logger of that name: levels are its, so there is one place to set them."""
    name = name or "__main__"
    found = _loggers.get(name)
    if found is None:
        found = _loggers[name] = logging.getLogger(name)
    return found


log = Logger()
