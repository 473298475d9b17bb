"""`Exposition`: the metrics of an App as text, by prometheus_client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from fw_observability.config import ObservabilitySettings
from fw_observability.facade import Metrics
from fw_observability.families import Counter, Family, Gauge, Histogram


class Exposition:
    """Collects when it is read. Reading takes no lock for longer than one series."""

    def __init__(self, metrics: Metrics, settings: ObservabilitySettings) -> None:
        self._metrics = metrics
        self._prefix = f"{settings.prefix}_" if settings.prefix else ""
        apart = CollectorRegistry()  # those two insist on one; it is not read
        self._process = [ProcessCollector(registry=apart), GCCollector(registry=apart)] if settings.process else []

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics in the format that the header ``Accept`` asks for, and the content type."""
        encoder, content_type = choose_encoder(accept)
        return encoder(self), content_type

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client's encoders call."""
        families = sorted(self._metrics.families, key=lambda family: family.name)
        for family in families:
            yield self._shown(family)
        yield self._dropped(families)
        for collector in (*self._process, self._metrics.registry):
            yield from collector.collect()

    def _shown(self, family: Family[Any]) -> Metric:
        name, names = self._prefix + family.name, family.label_names
        if isinstance(family, Counter):
            return _filled(CounterMetricFamily(name, family.help, labels=names), family)
        if isinstance(family, Gauge):
            return _filled(GaugeMetricFamily(name, family.help, labels=names), family)
        shown = HistogramMetricFamily(name, family.help, labels=names)
        if isinstance(family, Histogram):
            for values, series in family.series:
                buckets, total = series.cumulative()
                shown.add_metric(
                    values, [("+Inf" if bound == inf else str(bound), count) for bound, count in buckets], total
                )
        return shown

    def _dropped(self, families: Iterable[Family[Any]]) -> Metric:
        shown = CounterMetricFamily(
            f"{self._prefix}metrics_dropped", "Uses of series beyond [observability] max_series.", labels=["metric"]
        )
        for family in families:
            if family.dropped:
                shown.add_metric([family.name], family.dropped)
        return shown


def _filled(shown: CounterMetricFamily | GaugeMetricFamily, family: Counter | Gauge) -> Metric:
    for values, series in family.series:
        shown.add_metric(values, series.value)
    return shown
