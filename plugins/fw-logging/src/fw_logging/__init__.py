"""Structured logs for fw: JSON and console, correlation ids, redaction, on loguru."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fw_logging.context import correlated, correlation_id, log_context
    from fw_logging.logger import Logger, log
    from fw_logging.redaction import redact

__all__ = ["Logger", "correlated", "correlation_id", "log", "log_context", "redact"]

_HOMES = {
    "Logger": "logger",
    "correlated": "context",
    "correlation_id": "context",
    "log": "logger",
    "log_context": "context",
    "redact": "redaction",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
