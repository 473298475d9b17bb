"""What measuring costs: CPU time that the middleware adds to a request and the wrapper to a command, off the network.

prometheus_client by hand, labels looked up at each request as its documentation shows, stands beside it in one run:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-observability \
        --with aiohttp python tests/benchmarks/bench_metrics.py
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

ROUNDS = 11
TIMES = 5_000

Handler = Callable[[Any], Awaitable[Any]]
Middleware = Callable[[Any, Handler], Awaitable[Any]]
ANSWER = web.Response()


async def answer(_: Any) -> web.Response:
    return ANSWER


def own() -> tuple[Middleware, Handler]:
    from framework import App
    from fw_observability.config import ObservabilitySettings
    from fw_observability.facade import Metrics
    from fw_observability.messages import MessageMetrics
    from fw_observability.requests import measuring

    settings = ObservabilitySettings()
    metrics = App(plugins=[]).facade(Metrics)
    return measuring(metrics, settings), MessageMetrics(metrics, settings.buckets).around(App, answer)


def by_hand() -> Middleware:
    from prometheus_client import CollectorRegistry, Gauge, Histogram

    registry = CollectorRegistry()
    seconds = Histogram("seconds", "Seconds.", ["method", "route", "status"], registry=registry)
    in_flight = Gauge("in_flight", "In flight.", registry=registry)

    async def measure(request: Any, handler: Handler) -> Any:
        in_flight.inc()
        started = time.perf_counter()
        try:
            response = await handler(request)
        finally:
            in_flight.dec()
        route = request.match_info.route.resource.canonical
        seconds.labels(request.method, route, response.status).observe(time.perf_counter() - started)
        return response

    return measure


async def matched() -> Any:
    application = web.Application()
    application.router.add_get("/items/{number}", answer)
    request = make_mocked_request("GET", "/items/3", app=application)
    request._match_info = await application.router.resolve(request)
    return request


async def nanoseconds(call: Callable[[], Awaitable[Any]]) -> float:
    gc.collect()
    started = time.process_time_ns()
    for _ in range(TIMES):
        await call()
    return (time.process_time_ns() - started) / TIMES


async def report() -> None:
    request = await matched()
    (measure, handle), peer = own(), by_hand()
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "nothing": lambda: answer(request),
        "fw, request": lambda: measure(request, answer),
        "prometheus_client by hand": lambda: peer(request, answer),
        "fw, command": lambda: handle(request),
    }
    turns = [{name: await nanoseconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    figures = {name: statistics.median(turn[name] for turn in turns) for name in calls}
    added = {name: figure - figures["nothing"] for name, figure in figures.items() if name != "nothing"}
    ratio = added["fw, request"] / added["prometheus_client by hand"]
    print(f"\nadded by measuring; a request {ratio:.2f} x prometheus_client by hand")
    for name, figure in added.items():
        print(f"  {name:<28} {figure:9,.0f} ns")


def test_metrics() -> None:
    asyncio.run(report())


if __name__ == "__main__":
    test_metrics()
