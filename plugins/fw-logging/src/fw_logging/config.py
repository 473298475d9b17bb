"""The settings of section `[logging]`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


@dataclass(frozen=True)
class LoggingSettings:
    """What is written, how and where.

    ``levels`` are those of single loggers, each as ``NAME=LEVEL``. ``output`` is ``stderr``, ``stdout`` or a file; its
    ``rotation``, ``retention`` and ``compression`` are written as loguru has them. ``queue`` counts lines;
    ``flush_timeout`` is in seconds.
    """

    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    levels: list[str] = field(default_factory=list)
    format: Literal["auto", "json", "console"] = "auto"
    output: str = "stderr"
    rotation: str = ""
    retention: str = ""
    compression: str = ""
    timezone: str = "UTC"
    access: bool = True
    access_query: bool = False
    request_id_header: str = "X-Request-ID"
    redact: list[str] = field(default_factory=list)
    queue: int = 10_000
    overflow: Literal["drop", "block"] = "drop"
    flush_timeout: float = 2.0

    def __post_init__(self) -> None:
        if self.queue < 1:
            raise ValueError(f"queue must be at least 1, not {self.queue}")
        if not self.flush_timeout > 0:
            raise ValueError(f"flush_timeout must be greater than 0, not {self.flush_timeout}")
        if not self.output:
            raise ValueError("output must be stderr, stdout or a file, not ''")
        for name in ("rotation", "retention", "compression"):
            if getattr(self, name) and self.output in ("stderr", "stdout"):
                raise ValueError(f"{name} is for files, and output is {self.output!r}")
        if not re.fullmatch(r"[A-Za-z0-9-]+", self.request_id_header):
            raise ValueError(f"request_id_header must be the name of a header, not {self.request_id_header!r}")
        if self.timezone != "UTC":
            from fw_logging.timestamp import zone_of

            zone_of(self.timezone)
        _ = self.logger_levels

    @property
    def logger_levels(self) -> dict[str, int]:
        """The levels of single loggers, by name."""
        found = {}
        for text in self.levels:
            name, _, level = (part.strip() for part in text.partition("="))
            if not name or level.lower() not in LEVELS:
                raise ValueError(f"levels must be like 'sqlalchemy=debug', with {', '.join(LEVELS)}; not {text!r}")
            found[name] = LEVELS[level.lower()]
        return found
