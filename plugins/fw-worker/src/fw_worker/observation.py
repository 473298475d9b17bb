"""What others see of the tasks: metrics and fields of log lines, where the plugins for them are on."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from framework import App
from fw_rxon import TaskMessage
from fw_worker.outcome import Outcome

UNKNOWN = "unknown"
"""The label of skills that this worker does not have: who sends tasks chooses their names."""


class Observation:
    """One for each App. `app.metrics` and `app.logging` are used if their plugins are on."""

    def __init__(self, app: App) -> None:
        on = {plugin.name for plugin in app.plugins}
        self._metrics = _Metrics(app.metrics) if "observability" in on else None
        self._log_context: Callable[..., contextlib.AbstractContextManager[None]] | None = None
        if "logging" in on:
            self._log_context = app.logging.context

    def task(
        self, message: TaskMessage, *, known: bool
    ) -> contextlib.AbstractContextManager[Callable[[Outcome], object]]:
        """Around the run of one task; what is given is to be called with its outcome."""
        if self._metrics is None and self._log_context is None:
            return _UNSEEN
        return self._seen(message, known)

    @contextlib.contextmanager
    def _seen(self, message: TaskMessage, known: bool) -> Iterator[Callable[[Outcome], object]]:
        with contextlib.ExitStack() as stack:
            if self._log_context is not None:
                fields = {"job_id": message.job_id, "task_id": message.task_id, "skill": message.type}
                stack.enter_context(self._log_context(**fields))
            if self._metrics is None:
                yield _ignore
            else:
                yield stack.enter_context(self._metrics.task(message.type if known else UNKNOWN))

    def delivered(self, *, well: bool) -> None:
        """A result has left: it was taken, or it is lost."""
        if self._metrics is not None:
            self._metrics.delivered(well=well)


class _Metrics:
    """Named like Prometheus wants it; `_total` is added to counters where they are shown."""

    def __init__(self, metrics: Any) -> None:
        self._running = metrics.gauge("worker_tasks_running", "Tasks that run.")
        self._ended = metrics.counter("worker_tasks", "Tasks that ended.", labels=("skill", "outcome"))
        self._seconds = metrics.histogram("worker_task_seconds", "How long tasks ran.", labels=("skill",))
        self._results = metrics.counter("worker_results", "Results, taken or lost.", labels=("outcome",))

    @contextlib.contextmanager
    def task(self, skill: str) -> Iterator[Callable[[Outcome], object]]:
        began = time.perf_counter()
        self._running.inc()
        try:
            yield lambda outcome: self._ended.labels(skill, _word(outcome)).inc()
        finally:
            self._running.dec()
            self._seconds.labels(skill).observe(time.perf_counter() - began)

    def delivered(self, *, well: bool) -> None:
        self._results.labels("taken" if well else "lost").inc()


def _word(outcome: Outcome) -> str:
    return str(outcome.status) if outcome.error is None else outcome.error.code


def _ignore(outcome: Outcome) -> None: ...


_UNSEEN = contextlib.nullcontext(_ignore)
