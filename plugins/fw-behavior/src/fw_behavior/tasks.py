"""`TaskLeaf`: an ``async def`` action, run as a task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fw_behavior.errors import BehaviorError
from fw_behavior.status import RUNNING


class TaskLeaf:
    """Running until its task has ended. A halt cancels at once; until the cancelled task has ended, the leaf waits
    (running) before it starts again.
    """

    def __init__(self, call: Callable[[Any], Any], path: str, wake: Callable[[], None]) -> None:
        self._call = call
        self._path = path
        self._wake = wake
        self._task: asyncio.Task[Any] | None = None
        self._ending: asyncio.Task[Any] | None = None
        self.resumed: Callable[[Any], Any] | None = None
        """Run in the place of the action the next time it is started: it was running when a snapshot was taken."""

    @property
    def pending(self) -> list[asyncio.Task[Any]]:
        """Tasks that have not ended."""
        return [task for task in (self._task, self._ending) if task is not None and not task.done()]

    @property
    def busy(self) -> bool:
        """Whether the action is under way or to be resumed, or has ended without having been asked for its result."""
        return self._task is not None or self.resumed is not None

    def tick(self, view: Any) -> Any:
        """Start the task, or give what it gave."""
        if self._task is None:
            if self._ending is not None and not self._ending.done():
                return RUNNING
            self._ending = None
            call, self.resumed = self.resumed or self._call, None
            self._task = self._loop().create_task(call(view), name=self._path)
            self._task.add_done_callback(self._ended)
            return RUNNING
        if not self._task.done():
            return RUNNING
        task, self._task = self._task, None
        if task.cancelled():
            raise BehaviorError(f"{self._path}: the task was cancelled by somebody else than the tree.")
        return task.result()

    def take_over(self, other: TaskLeaf) -> None:
        """Go on with what another leaf of the same function has begun."""
        self._task, other._task = other._task, None
        self._ending, other._ending = other._ending, None
        self.resumed = other.resumed
        for task in self.pending:
            task.remove_done_callback(other._ended)
            task.add_done_callback(self._ended)

    def halt(self) -> None:
        """Cancel the task; what was to be resumed is forgotten."""
        self.resumed = None
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            self._ending = task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task is self._ending and not task.cancelled() and task.exception() is not None:
            # It raised while it was being cancelled: nobody asks for its result any more, so the loop is told.
            task.get_loop().call_exception_handler(
                {"message": f"{self._path} raised while it was halted", "exception": task.exception(), "task": task}
            )
        self._wake()

    def _loop(self) -> asyncio.AbstractEventLoop:
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            raise BehaviorError(
                f"{self._path} is an async action, and no event loop runs here. Tick the tree inside a coroutine."
            ) from None
