"""Messages: how many, how long, with what outcome, by type."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from fw_observability.facade import Metrics
from fw_observability.families import Counter, Histogram

Handler = Callable[[Any], Awaitable[Any]]


class MessageMetrics:
    """One for each App; :meth:`around` is called once for each type of message."""

    def __init__(self, metrics: Metrics, buckets: list[float]) -> None:
        self._handled: Counter = metrics.counter(
            "messages_handled", "Commands and events, by type and outcome.", labels=("message", "outcome")
        )
        self._seconds: Histogram = metrics.histogram(
            "message_duration_seconds", "How long commands and events took.", labels=("message",), buckets=buckets
        )

    def around(self, message_type: type[Any], handler: Handler) -> Handler:
        """``handler``, measured."""
        name = message_type.__qualname__
        took = self._seconds.labels(name).observe
        well = self._handled.labels(name, "ok").inc

        async def handle(message: Any) -> Any:
            started = perf_counter()
            try:
                result = await handler(message)
            except BaseException as error:
                outcome = "cancelled" if isinstance(error, CancelledError) else "error"
                self._handled.labels(name, outcome).inc()
                raise
            finally:
                took(perf_counter() - started)
            well()
            return result

        return handle
