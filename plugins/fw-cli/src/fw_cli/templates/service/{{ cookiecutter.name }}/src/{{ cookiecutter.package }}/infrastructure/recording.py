"""`Recording`: what the log and the metrics tell of notes."""

from framework import Component
from fw_logging import log
from fw_observability import Metrics

from {{ cookiecutter.package }}.application.messages import NoteAdded


class Recording(Component):
    """Counts what is added."""

    def __init__(self, metrics: Metrics) -> None:
        self._added = metrics.counter("notes_added", "Notes that were added.")

    def added(self, event: NoteAdded) -> None:
        """One more."""
        self._added.inc()
        log.info("note added", number=event.note.number)


def record_added(event: NoteAdded, recording: Recording) -> None:
    """Called for each note that is added."""
    recording.added(event)
