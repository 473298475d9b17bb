"""Metrics are declared on `app.metrics` and can be used at once."""

import threading
from typing import Any

import pytest

from framework import App, BootstrapError, Component, FrameworkError
from fw_observability import Metrics
from fw_observability.series import HistogramSeries


@pytest.fixture
def metrics() -> Metrics:
    return App(plugins=[]).facade(Metrics)


def test_a_counter_grows(metrics: Metrics) -> None:
    orders = metrics.counter("orders_total", "Orders taken.", labels=["shop"])
    orders.labels("a").inc()
    orders.labels(shop="a").inc(2)
    assert [(values, series.value) for values, series in orders.series] == [(("a",), 3.0)]
    assert orders.name == "orders"
    with pytest.raises(ValueError, match="cannot be changed by -1; use a gauge"):
        orders.labels("a").inc(-1)


def test_a_gauge_goes_up_and_down(metrics: Metrics) -> None:
    waiting = metrics.gauge("waiting", "In the queue.")
    waiting.set(5)
    waiting.inc()
    waiting.dec(3)
    assert waiting.sole.value == 3.0


def test_a_histogram_counts_up_to_each_bound_and_the_bound_belongs_to_it(metrics: Metrics) -> None:
    sizes = metrics.histogram("sizes", "Of parcels.", buckets=[1, 10])
    for size in (0.5, 1, 1.1, 10, 99):
        sizes.observe(size)
    assert sizes.sole.cumulative() == ([(1.0, 2), (10.0, 4), (float("inf"), 5)], 111.6)
    assert (sizes.sole.count, sizes.sole.sum) == (5, 111.6)


def test_a_block_is_timed_whether_it_fails_or_not(metrics: Metrics) -> None:
    took = metrics.histogram("took_seconds", "Time.")
    with took.time():
        pass
    with pytest.raises(OSError, match="disk"), took.time():
        raise OSError("disk")
    assert took.sole.count == 2
    assert took.sole.sum >= 0


def test_nothing_is_lost_between_threads(metrics: Metrics) -> None:
    counter = metrics.counter("done", "Done.", labels=["by"])
    histogram = metrics.histogram("sizes", "Sizes.", buckets=[1])
    begin = threading.Barrier(4)

    def work() -> None:
        begin.wait(10)
        for number in range(5_000):
            counter.labels(number % 2).inc()
            histogram.observe(number % 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [series.value for _, series in counter.series] == [10_000.0, 10_000.0]
    assert histogram.sole.count == 20_000


def test_label_values_are_text_whatever_they_were(metrics: Metrics) -> None:
    answers = metrics.counter("answers", "Answers.", labels=["status"])
    assert answers.labels(200) is answers.labels("200") is answers.labels(status=200)


@pytest.mark.parametrize(
    "values,named",
    [((), {}), (("a", "b"), {}), ((), {"town": "a"}), (("a",), {"shop": "a"}), ((), {"shop": 1, "x": 1})],
)
def test_other_labels_than_declared_are_refused(metrics: Metrics, values: Any, named: Any) -> None:
    orders = metrics.counter("orders", "Orders.", labels=["shop"])
    with pytest.raises(FrameworkError, match=r"Metric 'orders' has the labels \('shop',\), not"):
        orders.labels(*values, **named)
    with pytest.raises(FrameworkError, match="has the labels"):
        orders.inc()


@pytest.mark.parametrize(
    "name,labels",
    [
        ("two words", []),
        ("1st", []),
        ("", []),
        ("x", ["le"]),
        ("x", ["__a"]),
        ("x", ["a", "a"]),
        ("x", "shop"),
        ("x", ["ä"]),
    ],
)
def test_what_is_no_name_is_refused(metrics: Metrics, name: str, labels: Any) -> None:
    with pytest.raises(BootstrapError, match="cannot be declared"):
        metrics.counter(name, "No.", labels=labels)


@pytest.mark.parametrize("buckets", [[], [2, 1], [1, 1]])
def test_buckets_rise(metrics: Metrics, buckets: list[float]) -> None:
    with pytest.raises(BootstrapError, match="do not rise"):
        metrics.histogram("sizes", "Sizes.", buckets=buckets)


def test_who_declares_the_same_again_gets_the_first_and_anything_else_is_refused(metrics: Metrics) -> None:
    first = metrics.histogram("took", "Time.", buckets=[1, 2])
    assert metrics.histogram("took", "Time.", buckets=[1, 2]) is first
    for other in (lambda: metrics.counter("took", "Time."), lambda: metrics.histogram("took", "Time.", buckets=[1])):
        with pytest.raises(BootstrapError, match=f"'took' is declared already, by application at {__file__}:"):
            other()
    with metrics.app.acting_as("shop"), pytest.raises(BootstrapError, match="is declared already"):
        metrics.histogram("took", "Time.", buckets=[1, 2])


def test_series_beyond_the_limit_are_dropped_and_counted(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    metrics.limit.series = 3
    hits = metrics.counter("hits", "Hits.", labels=["path"])
    for number in range(10_000):
        hits.labels(f"/{number}").inc()
    assert len(hits.series) == 3
    assert hits.dropped == 9_997
    hits.labels("/0").inc()
    assert hits.labels("/0").value == 2
    [record] = caplog.records
    assert "metric 'hits' has 3 series" in record.getMessage()
    assert "{'path': '/3'}" in record.getMessage()


async def test_each_app_has_its_own_and_begins_at_nothing_when_it_starts_again() -> None:
    """K5, K26: what plugins and components declare does not pile up, what is kept by the user still counts."""

    class Shop(Component):
        def __init__(self, metrics: Metrics) -> None:
            self.sold = metrics.counter("sold", "Sold.")
            self.sold.inc()

    def make(name: str) -> App:
        app = App(name, plugins=["observability"])
        app.register(Shop)
        return app

    one, other = make("one"), make("other")
    orders = one.metrics.counter("orders", "Orders.", labels=["shop"])
    kept = orders.labels("a")
    kept.inc(7)
    names: list[list[str]] = []
    for _ in range(3):
        async with one, other:
            assert kept.value == 0
            kept.inc()
            assert orders.labels("a").value == 1
            assert one.container.get(Shop).sold.sole.value == 1
            assert one.container.get(Shop).sold is not other.container.get(Shop).sold
            names.append(sorted(family.name for family in one.metrics.families))
    assert names[0] == names[1] == names[2]
    assert "orders" not in [family.name for family in other.metrics.families]


def test_a_histogram_series_begins_again() -> None:
    series = HistogramSeries([1.0])
    series.observe(2)
    series.reset()
    assert series.cumulative() == ([(1.0, 0), (float("inf"), 0)], 0.0)
