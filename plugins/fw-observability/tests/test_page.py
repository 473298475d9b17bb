"""The page that Prometheus reads."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import Counter as ForeignCounter
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from framework import App, ConfigError
from fw_observability.config import ObservabilitySettings
from fw_testing.harness import app_with

Web = Callable[..., App]


async def test_what_is_declared_is_shown_under_the_prefix(web: Web, serve: Any) -> None:
    app = web(prefix="shop", path="/internal/metrics")
    orders = app.metrics.counter("orders", 'Orders "taken".\nAll of them.', labels=["town"])
    waiting = app.metrics.gauge("waiting", "In the queue.")
    sizes = app.metrics.histogram("parcel_bytes", "Sizes.", buckets=[10, 100])
    client = await serve(app)
    orders.labels('a"\\\nb').inc(2)
    waiting.set(4)
    sizes.observe(50)
    page = await client.scrape("/internal/metrics")
    assert page.value("shop_orders_total", town='a"\\\nb') == 2
    assert page.value("shop_waiting") == 4
    assert page.value("shop_parcel_bytes_bucket", le="10.0") == 0
    assert page.value("shop_parcel_bytes_bucket", le="100.0") == 1
    assert page.value("shop_parcel_bytes_bucket", le="+Inf") == 1
    assert page.value("shop_parcel_bytes_sum") == 50
    assert page.families["shop_orders"].documentation == 'Orders "taken".\nAll of them.'
    assert [page.families[name].type for name in ("shop_orders", "shop_waiting", "shop_parcel_bytes")] == [
        "counter",
        "gauge",
        "histogram",
    ]
    assert await client.status("GET", "/metrics") == 404


async def test_open_metrics_are_given_to_who_asks(web: Web, serve: Any) -> None:
    app = web()
    app.metrics.counter("orders", "Orders.").inc(3)
    client = await serve(app)
    app.metrics.counter("orders", "Orders.").inc(3)
    async with client.session.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}) as got:
        assert got.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        text = await got.text()
    assert text.endswith("# EOF\n")
    read: Any = openmetrics
    families = {family.name: family for family in read(text)}
    assert [sample.value for sample in families["orders"].samples] == [3]


async def test_the_process_and_the_loop_are_measured(web: Web, serve: Any) -> None:
    client = await serve(web(lag_interval=0.01))
    blocked = time.perf_counter()
    while time.perf_counter() - blocked < 0.12:
        pass
    page = await client.scrape()
    while page.value("event_loop_lag_seconds_count") < 2:
        page = await client.scrape()
    assert page.value("event_loop_lag_seconds_sum") > 0.1
    assert page.value("event_loop_lag_seconds_bucket", le="0.1") < page.value("event_loop_lag_seconds_count")
    assert page.value("python_gc_collections_total", generation="0") >= 0
    if sys.platform == "linux":
        assert page.value("process_cpu_seconds_total") > 0
        assert page.value("process_resident_memory_bytes") > 1_000_000
        assert page.value("process_open_fds") > 2


async def test_what_is_switched_off_is_not_shown(web: Web, serve: Any) -> None:
    client = await serve(web(process=False, loop_lag=False, messages=False, http=False))
    page = await client.scrape()
    assert set(page.families) == {"metrics_dropped"}


async def test_dropped_series_are_told(web: Web, serve: Any) -> None:
    app = web(max_series=2)
    hits = app.metrics.counter("hits", "Hits.", labels=["path"])
    client = await serve(app)
    for number in range(10):
        hits.labels(f"/{number}").inc()
    page = await client.scrape()
    assert page.value("metrics_dropped_total", metric="hits") == 8
    assert page.labels_of("hits_total", "path") == {"/0", "/1"}


async def test_two_apps_in_one_process_do_not_mix(web: Web, serve: Any) -> None:
    """K5"""
    one, other = web(), web()
    one.metrics.counter("only_one", "Of one.")
    first, second = await serve(one), await serve(other)
    await first.status("GET", "/nothing")
    assert "only_one_total" in (await first.scrape()).text
    page = await second.scrape()
    assert "only_one_total" not in page.text
    assert page.labels_of("http_request_duration_seconds_count", "route") == set()


async def test_metrics_of_libraries_are_shown_too(web: Web, serve: Any) -> None:
    app = web()
    ForeignCounter("jobs", "Of a library.", registry=app.metrics.registry).inc(5)
    client = await serve(app)
    assert (await client.scrape()).value("jobs_total") == 5


async def test_it_runs_without_a_server() -> None:
    app = app_with("observability")
    async with app:
        assert "event_loop_lag_seconds" in [family.name for family in app.metrics.families]
        await asyncio.sleep(0)


def test_prometheus_is_not_imported_before_somebody_reads() -> None:
    """Nor is aiohttp where nothing serves."""
    program = """if True:
        import asyncio, sys
        from framework import App
        app = App(plugins=["observability"])
        async def live():
            async with app:
                app.metrics.counter("orders", "Orders.").inc()
        asyncio.run(live())
        assert not {"prometheus_client", "aiohttp"} & sys.modules.keys()
    """
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "setting,value",
    [("path", "metrics"), ("lag_interval", 0), ("max_series", 0), ("buckets", [2.0, 1.0]), ("prefix", "a-b")],
)
def test_settings_that_cannot_be_are_refused(setting: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{setting} must"):
        ObservabilitySettings(**{setting: value})


def test_a_status_of_another_kind_is_refused_with_the_choice() -> None:
    with pytest.raises(ConfigError, match="one of 'code', 'class'"):
        app_with("observability", defaults={"observability": {"http_status": "text"}}).bootstrap()
