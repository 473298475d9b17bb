"""The standard library's loggers lead here while a `Pipeline` is open; afterwards all is as it was."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

from fw_logging.context import context
from fw_logging.pipeline import Pipeline
from fw_logging.route import OURS, route

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Bridge(logging.Handler):
    """Turns records into lines: ``extra`` becomes fields, the exception data."""

    def emit(self, record: logging.LogRecord) -> None:
        pipeline = route.pipeline
        if pipeline is None or OURS in record.__dict__:
            return
        fields: dict[str, Any] = {n: v for n, v in record.__dict__.items() if n not in _STANDARD}
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001 - whatever formatting raises, the line is written
            message = str(record.msg)
            fields |= {"args": record.args, "formatting": error}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exception"] = record.exc_info[1]
        if record.stack_info:
            fields["stack"] = record.stack_info
        pipeline.emit(record.name, record.levelno, message, context.get(), fields, record.created)


class Takeover:
    """What of the standard library's logging was changed, to be put back. One for the process."""

    def __init__(self) -> None:
        self._open: list[Pipeline] = []
        self._bridge = Bridge()
        self._handlers: list[tuple[int, logging.Handler]] = []
        self._levels: dict[str, int] = {}
        self._captured = False

    def begin(self, pipeline: Pipeline) -> None:
        """Lead everything to ``pipeline``, the newest one."""
        if not self._open:
            self._take_handlers()
        self._open.append(pipeline)
        self._lead()

    def end(self, pipeline: Pipeline) -> None:
        """Lead everything to the pipeline before, or put back what was there before all."""
        self._open.remove(pipeline)
        self._lead()
        if not self._open:
            self._give_handlers_back()

    def _lead(self) -> None:
        self._restore_levels()
        route.pipeline = self._open[-1] if self._open else None
        if route.pipeline is not None:
            for name, level in {"": route.pipeline.level, **route.pipeline.levels}.items():
                logger = logging.getLogger(name)
                self._levels[name] = logger.level
                logger.setLevel(level)

    def _restore_levels(self) -> None:
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._levels.clear()

    def _take_handlers(self) -> None:
        """Take the place of handlers that only print on the terminal; a test's or an error tracker's stay."""
        root = logging.root
        self._handlers = [pair for pair in enumerate(root.handlers) if _prints(pair[1])]
        for _, handler in self._handlers:
            root.removeHandler(handler)
        root.addHandler(self._bridge)
        shown = warnings.showwarning
        logging.captureWarnings(True)
        self._captured = warnings.showwarning is not shown

    def _give_handlers_back(self) -> None:
        logging.root.removeHandler(self._bridge)
        for place, handler in self._handlers:
            logging.root.handlers.insert(place, handler)
        self._handlers = []
        if self._captured:
            logging.captureWarnings(False)


def _prints(handler: logging.Handler) -> bool:
    streams = (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__)
    return type(handler) is logging.StreamHandler and handler.stream in streams


takeover = Takeover()
