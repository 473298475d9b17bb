"""`LoopLag`: how late the event loop is, which is how long somebody blocks it."""

from __future__ import annotations

from asyncio import TimerHandle, get_running_loop

from framework import Component
from fw_observability.config import ObservabilitySettings
from fw_observability.facade import Metrics
from fw_observability.families import Histogram

BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class LoopLag(Component):
    """Asks the loop to be called every ``lag_interval`` seconds and notes how much later it was."""

    def __init__(self, metrics: Metrics, settings: ObservabilitySettings) -> None:
        self._interval = settings.lag_interval
        self._lag: Histogram = metrics.histogram(
            "event_loop_lag_seconds", "How much later than asked for the event loop called.", buckets=BUCKETS
        )
        self._timer: TimerHandle | None = None

    async def start(self) -> None:
        """Ask for the first call."""
        self._ask()

    def _ask(self) -> None:
        loop = get_running_loop()
        due = loop.time() + self._interval
        self._timer = loop.call_at(due, self._called, due)

    def _called(self, due: float) -> None:
        self._lag.observe(max(0.0, get_running_loop().time() - due))
        self._ask()

    async def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
