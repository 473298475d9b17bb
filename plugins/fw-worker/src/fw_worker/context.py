"""What a skill may know of, and say about, the task it runs."""

import threading
from collections.abc import Awaitable, Callable, Generator
from typing import Any


class TaskContext:
    """Handed to every skill parameter annotated with this class.

    `cancelled` is set when the task is asked to stop. An async skill is interrupted besides; a sync one runs in a
    thread, which nothing can interrupt: it looks at `cancelled` and returns None or raises.
    """

    def __init__(
        self,
        *,
        job_id: str,
        task_id: str,
        priority: float = 0,
        deadline: int | None = None,
        report: Callable[[float, str], None],
    ) -> None:
        self.job_id = job_id
        self.task_id = task_id
        self.priority = priority
        self.deadline = deadline
        """Unix time in seconds after which nobody wants the result, or None."""
        self.cancelled = threading.Event()
        self._report = report

    def progress(self, fraction: float, message: str = "") -> Awaitable[None]:
        """Say how far the task is, from 0 to 1. Returns at once; news that comes faster than it can be sent is merged.

        May be called from any thread. May be awaited, which only lets other tasks run.
        """
        if not 0 <= fraction <= 1:
            raise ValueError(f"progress must lie between 0 and 1, not {fraction!r}")
        self._report(fraction, message)
        return _Breath()


class _Breath:
    """An awaitable that, unlike a coroutine, may also be dropped."""

    def __await__(self) -> Generator[Any, None, None]:
        yield
