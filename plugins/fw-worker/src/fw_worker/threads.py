"""Threads for the skills that are no coroutine functions."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class SkillThreads:
    """At most `limit` threads, made when first needed and kept until `close`."""

    def __init__(self, limit: int) -> None:
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="skill")
        self._calls: set[Future[Any]] = set()

    async def run(self, function: Callable[[], Any]) -> Any:
        """Call the function in a thread, with the caller's context variables. Cancelling leaves the call going on."""
        call = self._pool.submit(contextvars.copy_context().run, function)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.wrap_future(call)

    def close(self) -> None:
        """End the threads. A busy one is left to end by itself; Python waits for it before the process ends."""
        self._pool.shutdown(wait=all(call.done() for call in tuple(self._calls)), cancel_futures=True)
