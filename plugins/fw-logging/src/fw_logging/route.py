"""Where lines go: to the newest open `Pipeline`, else to the standard library. Both see what the other one gets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_logging.pipeline import Pipeline

MOST_MESSAGE = 16_000
OURS = "fw_fields"
"""The attribute of a `LogRecord` that was made here: its fields."""


class Route:
    """One for the process, as the standard library's loggers are."""

    def __init__(self) -> None:
        self.pipeline: Pipeline | None = None

    def send(
        self,
        logger: logging.Logger,
        level: int,
        message: str,
        context: Mapping[str, Any],
        fields: Mapping[str, Any],
    ) -> None:
        """Write a line that passed the level of its logger."""
        pipeline = self.pipeline
        if pipeline is not None:
            pipeline.emit(logger.name, level, message, context, fields)
            if len(logging.root.handlers) < 2 and not logger.handlers:
                return
        forward(logger, level, message, {**context, **fields})


def forward(logger: logging.Logger, level: int, message: str, fields: Mapping[str, Any]) -> None:
    """Give a line to the standard library's handlers: a test's, an error tracker's, or all if no pipeline is open."""
    frame = sys._getframe(3)  # noqa: SLF001 - the caller of log.info(); inspect.stack() reads source files
    error = fields.get("exception")
    error = error if isinstance(error, BaseException) else None
    try:
        text, shown = _texts(message, fields if error is None else {**fields, "exception": None})
    except Exception as failure:  # noqa: BLE001 - a line that cannot be made must not end what it tells of
        text, shown = f"a line could not be made: {type(failure).__name__}", {}
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    code = frame.f_code
    record = logger.makeRecord(
        logger.name, level, code.co_filename, frame.f_lineno, text, (), exc_info, code.co_name, {OURS: shown}
    )
    logger.handle(record)


def _texts(message: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The line in words, and its fields as they may be shown."""
    from fw_logging.plain import plain_fields
    from fw_logging.redaction import redaction
    from fw_logging.rendering import pairs
    from fw_logging.words import worded

    shown = {n: v for n, v in redaction.plain(plain_fields(fields)).items() if n != "exception" or v is not None}
    return f"{redaction.text(worded(message, MOST_MESSAGE))} {pairs(shown)}".rstrip(), shown


route = Route()
