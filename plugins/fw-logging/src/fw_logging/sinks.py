"""Where lines end up: a standard stream, a file, or whatever loguru can write to."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

SLOW = 1.0
"""Seconds between two looks at a stream that takes nothing more, to see whether it still matters."""


class Sink(Protocol):
    """Takes rendered lines; called by one thread. Raises whatever it likes: lines are counted as lost then."""

    def write(self, lines: bytes) -> None:
        """Write one or more whole lines."""

    def close(self) -> None:
        """Write what is kept back."""


class StreamSink:
    """``sys.stderr`` or ``sys.stdout``, whatever stands there at the time."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def is_terminal(self) -> bool:
        """Whether a person is looking."""
        stream = getattr(sys, self._name)
        return stream is not None and stream.isatty()

    def write(self, lines: bytes) -> None:
        stream = getattr(sys, self._name)
        if stream is None:
            return  # a program without a console
        try:
            number = stream.fileno()
        except (AttributeError, OSError):  # a stand-in, such as a test's
            stream.write(lines.decode())
            stream.flush()
            return
        stream.flush()  # what was printed before comes before
        _write_all(number, lines)

    def close(self) -> None:
        """Nothing is kept back, and the stream is not ours."""


def _write_all(number: int, lines: bytes) -> None:
    left = memoryview(lines)
    while left:
        try:
            left = left[os.write(number, left) :]
        except BlockingIOError:
            select.select([], [number], [], SLOW)


class LoguruSink:
    """A handler of loguru with a core of its own: the program's own use of loguru stays what it was."""

    def __init__(self, target: Any, options: Mapping[str, Any]) -> None:
        self._logger = _new_logger()
        # A sink that raises is told of once and counted; loguru would print every time. Never values of variables.
        self._logger.add(target, **{"level": 0, "catch": False, **options, "diagnose": False, "backtrace": False})
        self._raw = self._logger.opt(raw=True)

    def write(self, lines: bytes) -> None:
        """Hand over lines as they are, many at once."""
        self._raw.log("INFO", lines.decode())

    def send(self, entry: Mapping[str, Any], level: int) -> None:
        """Hand over one record, for a handler that formats and filters by itself."""
        fields = dict(entry)
        time, name, logger, message = (fields.pop(key) for key in ("time", "level", "logger", "message"))

        def fill(record: dict[str, Any]) -> None:
            record |= {"time": type(record["time"]).fromisoformat(time), "name": logger, "function": "", "line": 0}
            record["extra"].update(fields)

        known = name.upper() if name.upper() in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else level
        self._logger.patch(fill).log(known, message)

    def close(self) -> None:
        """Let loguru write what it keeps back, and close what it opened."""
        self._logger.remove()


def _new_logger() -> Any:
    # loguru has no public way to a second logger (a deep copy fails on the streams of the first); this is how it makes
    # its own. tests/test_sinks.py says so if a version changes that.
    loguru: Any = import_module("loguru")
    return loguru._Logger(  # noqa: SLF001 - see above
        core=loguru._Core(),  # noqa: SLF001 - the same
        exception=None,
        depth=0,
        record=False,
        lazy=False,
        colors=False,
        raw=False,
        capture=True,
        patchers=[],
        extra={},
    )
