"""`VirtualTime`: an event loop whose time passes only when nothing is left to do but wait."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from math import ulp
from types import TracebackType
from typing import Any, Self

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the calendar stands unless a test says otherwise: the same in every run."""


class VirtualTime:
    """Within ``with VirtualTime() as time:`` the running loop waits for no timer: it moves its time to it.

    Whatever counts on the loop follows: ``asyncio.sleep``, ``asyncio.timeout``, ``loop.call_later``, the time-outs of
    the kernel, and the clock that drives ``tick``. Time stands still while anything can go on: a task that is ready,
    a descriptor with something to read, a function in a thread (``asyncio.to_thread``). ``grace`` is how many real
    seconds to wait, before each move, for what nobody here can see coming: the answer of another process, or of a
    thread that is not the loop's.

    ``start`` is where the calendar begins. The calendar is for what takes its clock as a parameter: ``time.time()``
    and ``datetime.now()`` go on telling the real one. Raises RuntimeError where no loop of asyncio runs, and for a
    loop of another make.
    """

    def __init__(self, *, start: datetime = START, grace: float = 0.0) -> None:
        self.grace = grace
        self._start = start
        self._loop = loop = asyncio.get_running_loop()
        self._first = self._monotonic = loop.time()
        self._threads = 0
        self._selector: selectors.BaseSelector | None = getattr(loop, "_selector", None)
        if self._selector is None or not hasattr(self._selector, "get_map"):
            raise RuntimeError(
                f"{type(loop).__name__} does not let its time be moved; use asyncio's SelectorEventLoop in this test."
            )

    def __enter__(self) -> Self:
        self._run_in_executor = self._loop.run_in_executor
        replaced: dict[str, Any] = {
            "time": lambda: self._monotonic,
            "_selector": _Selector(self, self._selector),
            "run_in_executor": self._run_in_thread,
        }
        vars(self._loop).update(replaced)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in ("time", "run_in_executor"):
            del vars(self._loop)[name]
        vars(self._loop)["_selector"] = self._selector

    @property
    def elapsed(self) -> float:
        """Virtual seconds since the beginning."""
        return self._monotonic - self._first

    def now(self) -> datetime:
        """The calendar, in the time zone of ``start``."""
        return self._start + timedelta(seconds=self.elapsed)

    def time(self) -> float:
        """The calendar as seconds since 1970, for what is given a ``Callable[[], float]`` in place of `time.time`."""
        return self._start.timestamp() + self.elapsed

    def _run_in_thread(
        self, executor: Executor | None, function: Callable[..., Any], *arguments: Any
    ) -> asyncio.Future[Any]:
        future = self._run_in_executor(executor, function, *arguments)
        self._threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: asyncio.Future[Any]) -> None:
        self._threads -= 1

    def select(self, real: selectors.BaseSelector, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """What has happened; or, if nothing has and nothing here can, nothing, ``timeout`` seconds later."""
        if timeout is None or self._threads:
            # Either nobody waits for time, or a thread may still have something to say before it passes.
            return real.select(None if timeout is None or timeout > 0 else 0)
        happened = real.select(0)
        if not happened and timeout > 0 and self.grace:
            happened = real.select(self.grace)
        if not happened:
            # Never short of the timer by a rounding error: who then asked for the rest would ask for ever.
            self._monotonic += timeout + 4 * ulp(self._monotonic + timeout) if timeout > 0 else 0.0
        return happened


class _Selector(selectors.BaseSelector):
    """The loop's own selector, asked through :meth:`VirtualTime.select`."""

    def __init__(self, time: VirtualTime, real: Any) -> None:
        self._time = time
        self._real: selectors.BaseSelector = real

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._time.select(self._real, timeout)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()
