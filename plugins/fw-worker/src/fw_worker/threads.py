"""Threads for the skills that are no coroutine functions."""

import asyncio
import contextlib
import contextvars
import itertools
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

_log = logging.getLogger("fw.worker")

_numbers = itertools.count(1)


class SkillThreads:
    """Made when needed and used again; how many there are is for the worker's limits to say.

    They do not hold up the end of the process: one that does not end at the stop is named in the log and left behind.
    """

    def __init__(self) -> None:
        self._idle: list[_SkillThread] = []
        self._busy: set[_SkillThread] = set()

    async def run(self, function: Callable[[], Any], name: str) -> Any:
        """Call the function in a thread, with the caller's context variables. Cancelling leaves the call going on."""
        thread = self._idle.pop() if self._idle else _SkillThread()
        self._busy.add(thread)
        return await thread.begin(function, name, self._free)

    def _free(self, thread: "_SkillThread") -> None:
        self._busy.discard(thread)
        self._idle.append(thread)

    def close(self) -> None:
        """End the threads that can be ended, and name those that cannot."""
        for thread in self._idle:
            thread.end()
        for thread in self._idle:
            thread.join()
        for thread in self._busy:
            thread.end()
            _log.error(
                "%s still runs skill %r and is left behind; it ends with its function, or with the process",
                thread.name,
                thread.at_work_on,
            )
        self._idle.clear()
        self._busy.clear()


class _SkillThread(threading.Thread):
    """One call after the other."""

    def __init__(self) -> None:
        super().__init__(name=f"skill-{next(_numbers)}", daemon=True)
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.at_work_on = ""
        self.start()

    def begin(
        self, function: Callable[[], Any], name: str, free: Callable[["_SkillThread"], None]
    ) -> asyncio.Future[Any]:
        """Call it soon; the future of what it returns. `free` is called on the loop when it has returned."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()

        def ended(value: Any, error: BaseException | None) -> None:
            free(self)
            if future.done():
                return  # nobody waits any more
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        def call() -> None:
            value, error = _outcome(context, function)
            # Left behind by a stop, it may find that the loop is gone, and with it everybody who waited.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ended, value, error)

        self.at_work_on = name
        self._calls.put(call)
        return future

    def end(self) -> None:
        """End when the call that goes on has returned."""
        self._calls.put(None)

    def run(self) -> None:
        """Until `end`."""
        while (call := self._calls.get()) is not None:
            call()


def _outcome(context: contextvars.Context, function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return context.run(function), None
    except StopIteration as error:
        # A future cannot carry it.
        return None, RuntimeError(f"the skill raised {error!r}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
        return None, error
