"""Requests: how many, how long, how many at once, by route template, method and status."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from fw_observability.config import ObservabilitySettings
from fw_observability.facade import Metrics
from fw_observability.series import HistogramSeries

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
UNMATCHED = "unmatched"

Middleware = Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]


def measuring(metrics: Metrics, settings: ObservabilitySettings) -> Middleware:
    """The middleware. Whatever clients send makes no more series than routes, methods and statuses do."""
    seconds = metrics.histogram(
        "http_request_duration_seconds",
        "From the request's head to the end of the handler, by route.",
        labels=("method", "route", "status"),
        buckets=settings.buckets,
    )
    in_flight = metrics.gauge("http_requests_in_flight", "Requests that are being handled.").sole
    by_class = settings.http_status == "class"
    known: dict[tuple[str, str, object], HistogramSeries] = {}

    def series(method: str, route: str, status: object) -> HistogramSeries:
        shown = f"{str(status)[0]}xx" if by_class and status != "cancelled" else status
        found = seconds.labels(method, route, shown)
        if seconds.dropped == 0:
            known[method, route, status] = found
        return found

    async def measure(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        status: object = 500
        in_flight.inc()
        started = perf_counter()
        try:
            answer = await handler(request)
            status = answer.status
        except CancelledError:
            status = "cancelled"
            raise
        except BaseException as error:
            told = getattr(error, "status", None)
            status = told if isinstance(told, int) else 500
            raise
        finally:
            took = perf_counter() - started
            in_flight.dec()
            resource = request.match_info.route.resource
            route = UNMATCHED if resource is None else resource.canonical
            method = request.method if request.method in METHODS else "other"
            (known.get((method, route, status)) or series(method, route, status)).observe(took)
        return answer

    return measure
