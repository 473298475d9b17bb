"""Requests: how many, how long, how many at once, by route template, method and status."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from fw_observability.config import ObservabilitySettings
from fw_observability.facade import Metrics

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
UNMATCHED = "unmatched"

Middleware = Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]


def counting_refusals(metrics: Metrics) -> Callable[[Any], None]:
    """Counts what fw-http refused before it came to any middleware: there are as many series as it knows statuses."""
    refused = metrics.counter(
        "http_requests_refused", "Requests refused before anything looked for a handler.", labels=("status",)
    )

    def count(refusal: Any) -> None:
        refused.labels(refusal.status).inc()

    return count


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
    known: dict[tuple[str, object, object], Callable[[float], None]] = {}

    def observing(method: str, resource: Any, status: object) -> Callable[[float], None]:
        shown = f"{str(status)[0]}xx" if by_class and status != "cancelled" else status
        route = UNMATCHED if resource is None else resource.canonical
        observe = seconds.labels(method if method in METHODS else "other", route, shown).observe
        if seconds.dropped == 0 and method in METHODS:
            known[method, resource, status] = observe
        return observe

    async def measure(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        status: object = 500
        in_flight.value += 1  # without its lock: all that changes it runs on one loop
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
            in_flight.value -= 1
            key = request.method, request.match_info.route.resource, status
            (known.get(key) or observing(*key))(took)
        return answer

    return measure
