"""What a skill may know of, and say about, the task it runs."""

import threading
from collections.abc import Awaitable, Generator, Mapping
from typing import Any, Protocol


class Reporting(Protocol):
    """Takes what a task has to say, from any thread, and returns at once."""

    def progress(self, fraction: float, message: str) -> None:
        """How far it is."""

    def event(self, kind: str, payload: Any, priority: float) -> None:
        """Something happened. Raises `ValueError` or `TypeError` for an event that cannot be sent."""


class TaskContext:
    """Handed to every skill parameter annotated with this class.

    `cancelled` is set when the task is asked to stop. An async skill is interrupted besides; a sync one runs in a
    thread, which nothing can interrupt: it looks at `cancelled` and returns None or raises. A test of a function makes
    one by itself: without `reports` nothing is told to anybody.
    """

    def __init__(
        self,
        *,
        job_id: str,
        task_id: str,
        priority: float = 0,
        deadline: int | None = None,
        reports: Reporting | None = None,
        metadata: Mapping[str, Any] | None = None,
        tracing: Mapping[str, str] | None = None,
    ) -> None:
        self.job_id = job_id
        self.task_id = task_id
        self.priority = priority
        self.deadline = deadline
        """Unix time in seconds after which nobody wants the result, or None."""
        self.metadata = metadata or {}
        """What the orchestrator says besides the params."""
        self.tracing = tracing or {}
        """Where the task belongs in a trace: W3C `traceparent` and the like."""
        self.cancelled = threading.Event()
        self._reports = reports

    def progress(self, fraction: float, message: str = "") -> Awaitable[None]:
        """Say how far the task is, from 0 to 1. Returns at once; news that comes faster than it can be sent is merged.

        May be called from any thread. May be awaited, which only lets other tasks run.
        """
        if not 0 <= fraction <= 1:
            raise ValueError(f"progress must lie between 0 and 1, not {fraction!r}")
        if self._reports is not None:
            self._reports.progress(fraction, message)
        return _Breath()

    def event(self, kind: str, payload: Any = None, *, priority: float = 0) -> Awaitable[None]:
        """Tell the orchestrator that something happened, which may move the job. `payload` makes a JSON object.

        Returns at once, from any thread; may be awaited, which only lets other tasks run. Events are sent in order,
        each until the orchestrator has taken or refused it, and before the task's result. Raises `ValueError` or
        `TypeError` for what cannot be sent, and where the skill has declared `events`, for what it has not declared.
        """
        if self._reports is not None:
            self._reports.event(kind, {} if payload is None else payload, priority)
        return _Breath()


class _Breath:
    """An awaitable that, unlike a coroutine, may also be dropped."""

    def __await__(self) -> Generator[Any, None, None]:
        yield
