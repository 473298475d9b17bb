"""`HandlerThreads`: where sync handlers run, so that they may block."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from framework import Component
from fw_http.config import HttpSettings

log = logging.getLogger("fw_http")


class HandlerThreads(Component):
    """A bounded pool for one App, made when the first sync handler is called."""

    def __init__(self, settings: HttpSettings) -> None:
        self._most = settings.threads
        self._pool: ThreadPoolExecutor | None = None
        self._calls: set[Future[Any]] = set()

    async def call(self, function: Callable[[], Any]) -> Any:
        """What ``function`` returns; it sees the context variables of the caller."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="fw-http")
        call = self._pool.submit(copy_context().run, _called, function)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.wrap_future(call)

    def stop(self) -> None:
        """Start no more. A thread cannot be cancelled: handlers that still run are reported, not waited for."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        pool.shutdown(wait=False, cancel_futures=True)
        running = sum(call.running() for call in list(self._calls))
        if running:
            log.error("%d sync handlers have not ended; the process ends when they do", running)
        else:
            pool.shutdown()


def _called(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except StopIteration as error:
        # A future cannot carry it: who waits would wait for ever.
        raise RuntimeError("the handler raised StopIteration") from error
