"""`Pipeline`: the way of a line from a call to the queue, for one App."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakSet

from fw_logging.config import LEVELS, LoggingSettings
from fw_logging.plain import plain_fields
from fw_logging.redaction import redaction
from fw_logging.rendering import Render, console_line, json_line
from fw_logging.route import MOST_MESSAGE
from fw_logging.sinks import LoguruSink, Sink, StreamSink
from fw_logging.timestamp import Timestamp
from fw_logging.words import cut, worded
from fw_logging.writer import Copy, Counts, Writer, complain

MOST_LINE = 64 * 1024
MOST_FIELD = 4000
NAMES = {number: name for name, number in LEVELS.items()}
_HEAD = ("time", "level", "logger", "message")

_all: WeakSet[Pipeline] = WeakSet()


class Pipeline:
    """Open until :meth:`close`. Nothing it does raises into a caller."""

    def __init__(self, settings: LoggingSettings, level: int) -> None:
        self.level = level
        self.levels: Mapping[str, int] = settings.logger_levels
        self._flush_timeout = settings.flush_timeout
        sink, terminal = _sink(settings)
        self._render = _renderer(settings.format, terminal=terminal)
        self.timestamp = Timestamp(settings.timezone)
        self._writer = Writer(sink, self._told, limit=settings.queue, overflow=settings.overflow)
        self.is_json = self._render is json_line
        self.put = self._writer.put
        """Queue a line that is what :meth:`emit` would make, or what makes it later; see :class:`Writer`."""
        self._has_failed = False
        _all.add(self)

    @property
    def counts(self) -> Counts:
        """What became of the lines so far."""
        return self._writer.counts

    @property
    def copies(self) -> list[LoguruSink]:
        """Sinks that get every record too."""
        return self._writer.copies

    def emit(
        self,
        name: str,
        level: int,
        message: str,
        context: Mapping[str, Any],
        fields: Mapping[str, Any],
        moment: float | None = None,
    ) -> None:
        """Write a line; ``context`` is plain already, ``fields`` are as they were given."""
        try:
            line, entry = self.line(name, level, message, context, fields, moment)
            if self._writer.copies and not self._writer.is_current:
                self.put(Copy(line, entry, level), level >= 30)
            else:
                self.put(line, level >= 30)
        except Exception as error:  # noqa: BLE001 - a line that cannot be made must not end what it tells of
            self._fail(error)

    def line(
        self,
        name: str,
        level: int,
        message: str,
        context: Mapping[str, Any],
        fields: Mapping[str, Any],
        moment: float | None = None,
    ) -> tuple[bytes, dict[str, Any]]:
        """The line that :meth:`emit` writes, and what it says. May raise."""
        entry = {
            "time": self.timestamp.text(moment or time.time()),
            "level": NAMES.get(level) or f"level {level}",
            "logger": name,
            "message": message if type(message) is str else worded(message, MOST_MESSAGE),
            **context,
            **(plain_fields(fields) if fields else fields),
        }
        line = self._render(entry)
        if redaction.suspects(line, entry["message"]):
            entry = redaction.entry(entry)
            line = self._render(entry)
        if len(line) > MOST_LINE:
            entry = _shortened(entry)
            line = self._render(entry)
        return line, entry

    def _fail(self, error: Exception) -> None:
        self._writer.lose()
        if not self._has_failed:
            self._has_failed = True
            complain(f"a line could not be made: {type(error).__name__}; later ones are not told of.")

    def _told(self, message: str, dropped: int, lost: int) -> bytes:
        moment = self.timestamp.text(time.time())
        head = dict(zip(_HEAD, (moment, "warning", "fw_logging", message), strict=True))
        return self._render({**head, "dropped": dropped, "lost": lost})

    def flush(self, seconds: float | None = None) -> bool:
        """Wait until what was logged so far is written; False if that takes longer than the flush time-out."""
        return self._writer.flush(self._flush_timeout if seconds is None else seconds)

    def close(self) -> None:
        """Write what is queued; takes no more than the flush time-out."""
        _all.discard(self)
        self._writer.close(self._flush_timeout)

    def start_anew(self) -> None:
        """In a forked child."""
        self._writer.start_anew()


def _sink(settings: LoggingSettings) -> tuple[Sink, bool]:
    if settings.output in ("stderr", "stdout"):
        stream = StreamSink(settings.output)
        return stream, stream.is_terminal
    options = {name: getattr(settings, name) for name in ("rotation", "retention", "compression")}
    return LoguruSink(settings.output, {name: _number(value) for name, value in options.items() if value}), False


def _number(value: str) -> str | int:
    """loguru takes whole numbers (bytes of a rotation, files of a retention) as such, and the rest as words."""
    return int(value) if value.isdecimal() else value


def _renderer(form: str, *, terminal: bool) -> Render:
    if form == "json" or (form == "auto" and not terminal):
        return json_line
    return partial(console_line, colours=terminal and "NO_COLOR" not in os.environ)


def _shortened(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A record whose line would be too long: texts cut, the largest of the rest left out until it fits."""
    short: dict[str, Any] = {}
    room = MOST_LINE - 1000
    for name, value in entry.items():
        shown = cut(value, MOST_MESSAGE if name == "message" else MOST_FIELD) if isinstance(value, str) else value
        size = len(json_line({name: shown}))
        if size > room:
            shown, size = "… left out, the line would be too long", 60
        room -= size
        if room > 0:
            short[cut(name, 200)] = shown
    return short


def _after_fork() -> None:
    redaction.renew_lock()
    for pipeline in _all:
        pipeline.start_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
