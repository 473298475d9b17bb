"""The hooks of `observability`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from framework import App, hookimpl


class ObservabilityPlugin:
    """Declares the metrics that every application has, and shows all of them where fw-http serves."""

    @hookimpl
    def register(self, app: App) -> None:
        from fw_observability.config import ObservabilitySettings
        from fw_observability.facade import Metrics
        from fw_observability.loop_lag import LoopLag
        from fw_observability.messages import MessageMetrics

        settings = app.config.get(ObservabilitySettings)
        metrics = app.facade(Metrics)
        metrics.limit.series = settings.max_series
        if not settings.enabled:
            return
        if settings.messages:
            metrics.messages = MessageMetrics(metrics, settings.buckets)
        if settings.loop_lag:
            app.register(LoopLag)
        if any(plugin.name == "http" for plugin in app.plugins):
            from fw_observability.requests import counting_refusals, measuring
            from fw_observability.scraping import serve_page

            if settings.http:
                app.add_http_middleware(measuring(metrics, settings), checked=False)
                app.http.watch_refusals(counting_refusals(metrics))
            serve_page(app, settings)

    @hookimpl(wrapper=True)
    def dispatch(self, app: App, message_type: type[Any]) -> Generator[None, Any, Any]:
        """Every handler, measured; composed once for each type."""
        from fw_observability.facade import Metrics

        handler = yield
        messages = app.facade(Metrics).messages
        return handler if handler is None or messages is None else messages.around(message_type, handler)


plugin = ObservabilityPlugin()
