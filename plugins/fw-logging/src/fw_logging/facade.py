"""`Logging`: what users see as ``app.logging``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framework import Facade

if TYPE_CHECKING:
    from fw_logging.pipeline import Pipeline
    from fw_logging.writer import Counts

SINK = "sink"


@dataclass(frozen=True)
class SinkDeclaration:
    """Something loguru can write to, and loguru's options for it."""

    target: Any
    options: dict[str, Any]


class Logging(Facade):
    """Declares further sinks, and counts lines. Lines are written with ``from fw_logging import log``."""

    pipeline: Pipeline | None = None
    """Told by the plugin; None while it is off or the application is not put together."""

    def add_sink(self, target: Any, **options: Any) -> None:
        """Write every record also to ``target``: a path, a stream, a function of the message; see loguru's ``add()``.

        ``options`` are loguru's: ``level``, ``format``, ``filter``, ``rotation``, ``retention``, ``serialize`` … The
        fields of a record are its ``extra``; an exception stands there as data, secrets are hidden already. Open from
        ``bootstrap`` on; for one that a plugin adds, from AppStarting on.
        """
        self.declare(SINK, SinkDeclaration(target, options))

    def context(self, **fields: Any) -> AbstractContextManager[None]:
        """:func:`fw_logging.log_context`, for plugins that do not import this one."""
        from fw_logging.context import log_context

        return log_context(**fields)

    @property
    def counts(self) -> Counts:
        """Lines written, dropped and lost so far; all 0 while there is nothing that writes."""
        from fw_logging.writer import Counts

        return self.pipeline.counts if self.pipeline is not None else Counts(0, 0, 0)

    def flush(self) -> bool:
        """Wait until what was logged so far is written; False if that takes longer than ``flush_timeout``."""
        return self.pipeline is None or self.pipeline.flush()
