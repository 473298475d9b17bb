"""`Completions`: what the log and the metrics tell of todos that are done."""

from framework import Component
from fw_logging import log
from fw_observability import Metrics
from todo_service.application.messages import TodoCompleted


class Completions(Component):
    """Counts them."""

    def __init__(self, metrics: Metrics) -> None:
        self._counter = metrics.counter("todos_completed", "Todos that were done.")

    def note(self, event: TodoCompleted) -> None:
        """One more."""
        self._counter.inc()
        log.info("todo completed", number=event.todo.number)


def note_completed(event: TodoCompleted, completions: Completions) -> None:
    """Called for each todo that is done."""
    completions.note(event)
